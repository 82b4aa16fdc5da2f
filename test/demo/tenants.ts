/** Two virtual clusters of their own at once: one with a machine of the host, one with a worker pod. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { API_VERSION } from '#api/names.ts';
import type { VirtualCluster } from '#api/objects.ts';
import type { VirtualClusterSpec } from '#api/virtualcluster.ts';
import { clone, layout } from '#local/layout.ts';
import { spareMachine } from '#local/names.ts';
import type { Progress } from '#local/progress.ts';
import { aNamespace, type Manifest } from '#test/builders.ts';
import type { TestCluster } from '../cluster/cluster.ts';
import { nodeServerImage } from '../cluster/local-images.ts';
import { type Tool, tool } from '../cluster/tools.ts';
import { ASK, ask, ECHO, echo } from './echo.ts';
import { changes } from './follow.ts';
import { MILESTONES, type Milestones, pass } from './milestones.ts';
import { apply, run, say } from './say.ts';
import { table } from './table.ts';

type TenantDemo = { name: string; namespace: string; has: string; spec: VirtualClusterSpec };

const POLL_MS = 500;
const PATIENCE_MS = 300_000;

/** The one with a promoted node is for the local cluster, where a machine is there to be taken. */
const tenants = ({ local }: TestCluster): TenantDemo[] => [
  ...(local ? [promoted] : []),
  {
    name: 'globex',
    namespace: 'tenant-globex',
    has: 'worker pods of 1 CPU and 1 GiB',
    spec: {
      promoteResources: { resources: { cpu: 1, memory: '1Gi' } },
      pluginSet: { enabled: [{ name: 'node-local-dns' }] },
    },
  },
];

const promoted: TenantDemo = {
  name: 'acme',
  namespace: 'tenant-acme',
  has: `the host node ${spareMachine}`,
  spec: {
    promoteResources: { nodes: [spareMachine] },
    pluginSet: { enabled: [{ name: 'metrics-server' }] },
  },
};

const manifest = ({ name, namespace, spec }: TenantDemo): Manifest => ({
  apiVersion: API_VERSION,
  kind: 'VirtualCluster',
  metadata: { name, namespace },
  spec,
});

/** Worker pods are privileged: their namespace has to permit that. */
const namespaceOf = ({ namespace }: TenantDemo): Manifest =>
  aNamespace(namespace, { 'pod-security.kubernetes.io/enforce': 'privileged' });

/** A tenant that was brought up: what is told of it at the end. */
export type Shown = TenantDemo & { milestones: Milestones; kubeconfig: string; answered: string };

/** Brings them up, all at once, and has the Service of each answer by its name. */
export async function bringUpTenants(cluster: TestCluster, progress: Progress): Promise<Shown[]> {
  const { kubectl } = cluster;
  const all = tenants(cluster);
  if (!cluster.local)
    progress.note('no tenant with a promoted node: the demo takes nodes of its own cluster only');
  await apply(kubectl, ...all.map(namespaceOf));
  const names = all.map(({ name }) => name).join(' and ');
  const shown = await progress.step(`${names} applied until Completed`, async () => {
    const started = Date.now();
    await apply(kubectl, ...all.map(manifest));
    return Promise.all(all.map(async (tenant) => follow(kubectl, tenant, progress, started)));
  });
  return progress.step('a Service of two replicas answers by name in each', () =>
    Promise.all(shown.map(async (tenant) => ({ ...tenant, answered: await askEcho(cluster, tenant) }))),
  );
}

/** Deletes what an earlier run left: a tenant is gone only once the host has its nodes back. */
export async function removeTenants(cluster: TestCluster): Promise<void> {
  await Promise.all(
    tenants(cluster).map(({ name, namespace }) =>
      cluster.kubectl(['delete', 'vc', name, '-n', namespace, '--ignore-not-found', '--timeout=240s']),
    ),
  );
}

async function follow(
  kubectl: Tool,
  tenant: TenantDemo,
  progress: Progress,
  started: number,
): Promise<Omit<Shown, 'answered'>> {
  const seen = new Map<string, string>();
  const milestones: Milestones = {};
  for (;;) {
    const cluster = await readCluster(kubectl, tenant);
    const seconds = (Date.now() - started) / 1000;
    for (const line of changes(cluster, seen)) progress.note(`  ${tenant.name.padEnd(7)} ${line}`);
    const { status } = cluster;
    pass(milestones, status?.phase, seconds);
    if (status?.phase === 'Completed') break;
    if (status?.phase === 'Failed' || seconds * 1000 > PATIENCE_MS)
      throw new Error(`the tenant ${tenant.name} stays ${JSON.stringify(status, undefined, 2)}`);
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
  return { ...tenant, milestones, kubeconfig: await keepKubeconfig(kubectl, tenant) };
}

const readCluster = async (kubectl: Tool, { name, namespace }: TenantDemo): Promise<VirtualCluster> =>
  JSON.parse(await kubectl(['get', 'vc', name, '-n', namespace, '-o', 'json'])) as VirtualCluster;

/** The tenant owner's kubeconfig, out of its Secret. Gives the path. */
async function keepKubeconfig(kubectl: Tool, { name, namespace }: TenantDemo): Promise<string> {
  const key = 'jsonpath={.data.kubeconfig}';
  const encoded = await kubectl(['get', 'secret', `${name}-kubeconfig`, '-n', namespace, '-o', key]);
  const path = join(layout.root, 'demo', `${name}.kubeconfig`);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, Buffer.from(encoded, 'base64'), { mode: 0o600 });
  return path;
}

async function askEcho(cluster: TestCluster, { kubeconfig }: { kubeconfig: string }): Promise<string> {
  const kubectl = tool('kubectl', kubeconfig);
  const image = cluster.local ? await nodeServerImage() : cluster.images.executor;
  await kubectl(['delete', 'job', ASK, '--ignore-not-found', '--timeout=60s']);
  await apply(kubectl, ...echo(image));
  await kubectl(['rollout', 'status', `deployment/${ECHO}`, '--timeout=120s']);
  await apply(kubectl, ask(image));
  await kubectl(['wait', `job/${ASK}`, '--for=condition=Complete', '--timeout=120s']).catch(
    async (error: Error) => {
      throw new Error(`${error.message}\n${await kubectl(['logs', `job/${ASK}`]).catch(String)}`);
    },
  );
  return (await kubectl(['logs', `job/${ASK}`])).trim();
}

const seconds = (value: number | undefined) => (value === undefined ? '-' : `${value.toFixed(1)} s`);

/** What kubectl says of them, in the host and in each; then the times. */
export async function showTenants({ kubectl }: TestCluster, shown: readonly Shown[]): Promise<void> {
  await run(kubectl, ['get', 'vc', '-A']);
  for (const { kubeconfig, name, answered } of shown) {
    await run(tool('kubectl', kubeconfig), ['get', 'nodes', '-o', 'wide'], relative(clone, kubeconfig));
    say(`in ${name}, ${answered}`);
  }
  say('\nTimes of the tenants, which came up at once, from kubectl apply to each phase');
  const rows = shown.map(({ name, has, milestones }) => [
    name,
    ...MILESTONES.map((phase) => seconds(milestones[phase])),
    has,
  ]);
  say(table(['TENANT', ...MILESTONES, 'NODES'], rows));
}
