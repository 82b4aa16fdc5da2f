import { LABEL, WORKER_COMPONENT } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { type Pod, pods, secrets } from '#kube/resources.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import { lookAgainMs } from '#operator/host/poll-interval.ts';
import type { NodeProvider, NodesContext, NodesState } from '../node-provider.ts';
import { listTenantNodes } from '../tenant-nodes.ts';
import { actOnWorkers, removeHostObjects, type WorkerDeps } from './act.ts';
import { planWorkers } from './plan.ts';
import { type WorkerSize, wantedWorkers } from './size.ts';

export type WorkerProviderOptions = WorkerDeps & { client: KubeClient; clock: Clock; maxSize: WorkerSize };

const LOOK_MS = { unsettled: 1_000, settled: 15_000 };

/** Capacity by size: nodes that are pods of the host. */
export function createWorkerProvider(options: WorkerProviderOptions): NodeProvider {
  return {
    kind: 'Worker',
    ensure: (context) => ensure(options, context),
    release: (context) => release(options, context),
  };
}

async function ensure(
  options: WorkerProviderOptions,
  { cluster, tenant, recorded, record }: NodesContext & { tenant: Tenant },
): Promise<NodesState> {
  const wanted = wantedWorkers(cluster, options.maxSize);
  // Every worker is recorded before it is made: without an entry there is none.
  if (wanted.length === 0 && recorded.length === 0) return { nodes: [], settled: true };
  const [ownPods, items] = await Promise.all([
    podsOf(options.client, cluster),
    listTenantNodes(tenant.client),
  ]);
  const plan = planWorkers({
    wanted,
    pods: byName(ownPods),
    nodes: byName(items),
    recorded: new Map(recorded.map((entry) => [entry.name, entry])),
    now: options.clock.now(),
  });
  if (plan.journal.length > 0) await record(plan.journal);
  const found = await actOnWorkers(options, { cluster, tenant, pods: byName(ownPods) }, plan.acts);
  // Ready is written down once nothing is left to do about it.
  const entries = plan.nodes.map((entry): NodeStatus => {
    const remark = found.get(entry.name);
    if (!remark) return entry;
    if (entry.phase !== 'Ready') return { ...entry, ...remark };
    const before = recorded.find(({ name, phase }) => name === entry.name && phase === 'Joining');
    return { ...entry, ...before, phase: 'Joining', ...remark };
  });
  const settled = plan.settled && found.size === 0;
  return {
    nodes: entries,
    settled,
    ...problemIn(entries, settled),
    requeueAfterMs: settled ? LOOK_MS.settled : paceOf(entries, options.clock.now()),
  };
}

/** By the one that has changed last: what moves is about to move on. */
function paceOf(entries: readonly NodeStatus[], now: number): number {
  const ages = entries
    .filter(({ phase }) => phase !== 'Ready')
    .map(({ since }) => (since ? now - Date.parse(since) : 0));
  return lookAgainMs(ages.length === 0 ? 0 : Math.min(...ages), LOOK_MS.unsettled);
}

const podsOf = async (client: KubeClient, cluster: VirtualCluster): Promise<Pod[]> =>
  (await client.list(pods, { namespace: cluster.metadata.namespace, labelSelector: selectorOf(cluster) }))
    .items;

const selectorOf = ({ metadata }: VirtualCluster) =>
  `${LABEL.component}=${WORKER_COMPONENT},${LABEL.clusterUid}=${metadata.uid}`;

const byName = <T extends { metadata: { name: string } }>(items: readonly T[]) =>
  new Map(items.map((item) => [item.metadata.name, item]));

function problemIn(entries: readonly NodeStatus[], settled: boolean): Pick<NodesState, 'problem'> {
  const open = entries.find(({ phase }) => phase !== 'Ready');
  if (settled || !open) return {};
  const { reason = 'WorkerLeaving', message = 'it is on its way out' } = open;
  return {
    problem: { reason, message: message.includes(open.name) ? message : `worker ${open.name}: ${message}` },
  };
}

/** The whole cluster goes: no pod of it is worth waiting for. */
async function release(
  options: WorkerProviderOptions,
  { cluster, recorded }: NodesContext,
): Promise<NodesState> {
  const [ownPods, ownSecrets] = await Promise.all([
    podsOf(options.client, cluster),
    options.client.list(secrets, {
      namespace: cluster.metadata.namespace,
      labelSelector: selectorOf(cluster),
      metadataOnly: true,
    }),
  ]);
  await removeHostObjects(options, ownPods, ownSecrets.items);
  if (ownPods.length === 0) return { nodes: [], settled: true };
  const problem = { reason: 'WorkersEnding', message: `${ownPods.length} worker pods are being deleted` };
  const left = byName(ownPods);
  const entries = recorded
    .filter(({ name }) => left.has(name))
    .map((entry): NodeStatus => ({ ...entry, phase: 'Leaving', step: 'Remove', ...problem }));
  return { nodes: entries, settled: false, problem, requeueAfterMs: LOOK_MS.unsettled };
}
