import { CONTROL_PLANE_COMPONENT, LABEL, WORKER_COMPONENT } from '#api/contract/names.ts';
import type { Phase } from '#api/kinds/virtualcluster.ts';
import { aNamespace, aVirtualCluster } from '#test/builders.ts';
import type { Api } from './api.ts';
import { podFolders, podMebibytes } from './cgroups.ts';
import { kubectl } from './cluster.ts';

const NAMESPACE = 'pinion-bench-tenants';
const collection = `/apis/kosmos.io/v1alpha1/namespaces/${NAMESPACE}/virtualclusters`;
const watched = (name: string) => `${collection}?fieldSelector=metadata.name%3D${name}`;

/** A fresh namespace for tenants. */
export async function prepareTenants(): Promise<void> {
  await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=300s']);
  await kubectl(['apply', '-f', '-'], JSON.stringify(aNamespace(NAMESPACE)));
}

/** Seconds from the creation of a tenant to each phase. */
export type Phases = { [phase in Phase]?: number };

type Status = {
  phase?: Phase;
  reason?: string;
  plugins?: { name: string; startTime?: string; completionTime?: string }[];
};

/**
 * Creates a managed cluster with one worker pod and the default plugins, and waits until it is Completed.
 * @throws when it is Failed, or not Completed within ten minutes
 */
export async function bringUp(api: Api, name: string, cpu = '500m'): Promise<Phases> {
  const tenant = aVirtualCluster(NAMESPACE, name, []);
  const spec = { promoteResources: { resources: { cpu, memory: '512Mi' } } };
  const phases: Phases = {};
  let last = '';
  const began = performance.now();
  const done = api
    .watch(watched(name), 600, ({ status }) => {
      const { phase, reason } = (status ?? {}) as Status;
      if (phase === undefined) return false;
      last = `${phase} ${reason ?? ''}`;
      phases[phase] ??= (performance.now() - began) / 1000;
      return phase === 'Completed' || phase === 'Failed';
    })
    .catch((error: Error) => {
      throw new Error(`${name} did not become Completed, its last phase is ${last}: ${error.message}`);
    });
  await Promise.all([done, api.send('POST', collection, { ...tenant, spec })]);
  if (phases.Completed === undefined)
    throw new Error(`${name} did not become Completed, its last phase is ${last}`);
  return phases;
}

/** Deletes a tenant and returns the seconds until it is gone. */
export async function takeDown(name: string): Promise<number> {
  const began = performance.now();
  await kubectl(['delete', 'virtualcluster', name, '-n', NAMESPACE, '--timeout=300s']);
  return (performance.now() - began) / 1000;
}

type Pod = {
  metadata: { name: string; uid: string; creationTimestamp: string; labels?: Record<string, string> };
  status?: {
    conditions?: { type: string; status: string; lastTransitionTime: string }[];
    containerStatuses?: { state?: { running?: { startedAt: string } } }[];
  };
};

async function podsOf(component: string): Promise<Pod[]> {
  const selector = `${LABEL.component}=${component}`;
  const text = await kubectl(['get', 'pods', '-n', NAMESPACE, '-l', selector, '-o', 'json']);
  return (JSON.parse(text) as { items: Pod[] }).items;
}

/** What happened to a tenant and when, in whole seconds since its creation, by the times in its objects. */
export async function timeline(api: Api, name: string): Promise<[string, number][]> {
  const { metadata, status } = await api.send('GET', `${collection}/${name}`);
  const origin = Date.parse(metadata.creationTimestamp ?? '');
  const moments: [string, number][] = [];
  const add = (what: string, at: string | undefined) => {
    if (at !== undefined) moments.push([what, (Date.parse(at) - origin) / 1000]);
  };
  const pods = [...(await podsOf(CONTROL_PLANE_COMPONENT)), ...(await podsOf(WORKER_COMPONENT))];
  for (const pod of pods) {
    if (pod.metadata.labels?.[LABEL.clusterName] !== name) continue;
    const short = pod.metadata.name.replace(`${name}-`, '').replace(/(-[a-f0-9]{8,10})?-[a-z0-9]{5}$/, '');
    add(`pod ${short} created`, pod.metadata.creationTimestamp);
    const starts = (pod.status?.containerStatuses ?? []).flatMap(
      ({ state }) => state?.running?.startedAt ?? [],
    );
    add(`pod ${short} started`, starts.sort().at(-1));
    const ready = pod.status?.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'True');
    add(`pod ${short} ready`, ready?.lastTransitionTime);
  }
  for (const plugin of (status as Status | undefined)?.plugins ?? []) {
    add(`plugin ${plugin.name} started`, plugin.startTime);
    add(`plugin ${plugin.name} installed`, plugin.completionTime);
  }
  return moments.sort(([, a], [, b]) => a - b);
}

/** Proportional MiB of the pods of a tenant. */
export type TenantMemory = { controlPlane: number; worker: number };

/** Proportional MiB of every tenant's pods, by its name. */
export async function memoryByTenant(): Promise<Map<string, TenantMemory>> {
  const folders = await podFolders('memory');
  const byTenant = new Map<string, TenantMemory>();
  for (const [component, part] of [
    [CONTROL_PLANE_COMPONENT, 'controlPlane'],
    [WORKER_COMPONENT, 'worker'],
  ] as const) {
    for (const { metadata } of await podsOf(component)) {
      const tenant = metadata.labels?.[LABEL.clusterName] ?? '';
      const folder = folders.get(metadata.uid);
      const memory = byTenant.get(tenant) ?? { controlPlane: 0, worker: 0 };
      memory[part] += folder === undefined ? 0 : await podMebibytes(folder);
      byTenant.set(tenant, memory);
    }
  }
  return byTenant;
}
