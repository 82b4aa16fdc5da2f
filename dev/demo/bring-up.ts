/** Brings up both tenants at the same time and prints their progress. */
import { relative } from 'node:path';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { clone } from '#local/layout.ts';
import type { Progress } from '#local/progress.ts';
import type { TestCluster } from '../cluster/cluster.ts';
import { type Tool, tool } from '../cluster/tools.ts';
import { askEcho } from './echo.ts';
import { changes } from './follow.ts';
import { MILESTONES, type Milestones, pass } from './milestones.ts';
import { readTimes, writeKubeconfig, writeTimes } from './records.ts';
import { apply, run, say } from './say.ts';
import { table } from './table.ts';
import { type TenantDemo, tenantManifest, tenantNamespace, tenants } from './tenants.ts';

const POLL_MS = 500;
const PATIENCE_MS = 300_000;

/** A tenant that was brought up, and what the demo prints of it at the end. */
export type Shown = TenantDemo & { milestones: Milestones; kubeconfig: string; answered: string };

const named = ({ name, namespace }: TenantDemo) => ['vc', name, '-n', namespace];

async function readCluster(kubectl: Tool, tenant: TenantDemo): Promise<VirtualCluster | undefined> {
  const text = await kubectl(['get', ...named(tenant), '-o', 'json', '--ignore-not-found']);
  return text === '' ? undefined : (JSON.parse(text) as VirtualCluster);
}

/** Keeps tenants that are Completed, and deletes the others, which ends when their nodes are returned to the host. */
export async function removeUnfinished({ kubectl, local }: TestCluster): Promise<void> {
  const remove = async (tenant: TenantDemo) => {
    const found = await readCluster(kubectl, tenant);
    if (!found || (found.status?.phase === 'Completed' && (await readTimes(tenant, found.metadata.uid))))
      return;
    await kubectl(['delete', ...named(tenant), '--ignore-not-found', '--timeout=240s']);
  };
  await Promise.all(tenants({ local }).map(remove));
}

/** Brings up all tenants at the same time, and checks that the Service of each answers by its name. */
export async function bringUpTenants(cluster: TestCluster, progress: Progress): Promise<Shown[]> {
  const { kubectl } = cluster;
  const all = tenants(cluster);
  if (!cluster.local) progress.note('skipping acme: the demo promotes only nodes of the local cluster');
  await apply(kubectl, ...all.map(tenantNamespace));
  const names = all.map(({ name }) => name).join(' and ');
  const shown = await progress.step(`${names} applied until Completed`, async () => {
    const started = Date.now();
    await apply(kubectl, ...all.map(tenantManifest));
    return Promise.all(all.map((tenant) => follow(kubectl, tenant, progress, started)));
  });
  return progress.step('a Service of two replicas answers by name in each', () =>
    Promise.all(shown.map(async (tenant) => ({ ...tenant, answered: await askEcho(cluster, tenant) }))),
  );
}

async function follow(
  kubectl: Tool,
  tenant: TenantDemo,
  progress: Progress,
  started: number,
): Promise<Omit<Shown, 'answered'>> {
  const seen = new Map<string, string>();
  const measured: Milestones = {};
  for (;;) {
    const cluster = await readCluster(kubectl, tenant);
    const seconds = (Date.now() - started) / 1000;
    for (const line of cluster ? changes(cluster, seen) : [])
      progress.note(`  ${tenant.name.padEnd(7)} ${line}`);
    const { phase } = cluster?.status ?? {};
    pass(measured, phase, seconds);
    if (cluster && phase === 'Completed') {
      const { uid } = cluster.metadata;
      const milestones = (await readTimes(tenant, uid)) ?? measured;
      await writeTimes(tenant, uid, milestones);
      return { ...tenant, milestones, kubeconfig: await writeKubeconfig(kubectl, tenant) };
    }
    if (phase === 'Failed' || seconds * 1000 > PATIENCE_MS)
      throw new Error(
        `the tenant ${tenant.name} did not become Completed; its status: ${JSON.stringify(cluster?.status, undefined, 2)}`,
      );
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

const secondsOf = (value: number | undefined) => (value === undefined ? '-' : `${value.toFixed(1)} s`);

/** Prints the tenants as kubectl shows them in the host, the nodes of each, and the times. */
export async function showTenants({ kubectl }: TestCluster, shown: readonly Shown[]): Promise<void> {
  await run(kubectl, ['get', 'vc', '-A']);
  for (const { kubeconfig, name, answered } of shown) {
    await run(tool('kubectl', kubeconfig), ['get', 'nodes'], relative(clone, kubeconfig));
    say(`in ${name}, ${answered}`);
  }
  say('\nTimes of the tenants, created at the same time: from kubectl apply to each phase');
  const rows = shown.map(({ name, has, milestones }) => [
    name,
    ...MILESTONES.map((phase) => secondsOf(milestones[phase])),
    has,
  ]);
  say(table(['TENANT', ...MILESTONES, 'NODES'], rows));
}
