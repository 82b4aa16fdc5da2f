import { LABEL, WORKER_COMPONENT } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { type Pod, pods, secrets } from '#kube/resources.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import { pollInterval } from '#operator/host/poll-interval.ts';
import { podSettingsHash } from '#operator/host/with-pod-settings.ts';
import type { NodeProvider, NodesContext, NodesState } from '../node-provider.ts';
import { listTenantNodes } from '../tenant-nodes.ts';
import { actOnWorkers, removeHostObjects, type WorkerDeps } from './act.ts';
import { planWorkers } from './plan.ts';
import { type WorkerSize, wantedWorkers } from './size.ts';

export type WorkerProviderOptions = WorkerDeps & { client: KubeClient; clock: Clock; maxSize: WorkerSize };

const POLL_MS = { unsettled: 1_000, settled: 15_000 };

/** Provides capacity by size: nodes that are pods of the host. */
export function createWorkerProvider(options: WorkerProviderOptions): NodeProvider {
  return {
    kind: 'Worker',
    ensure: (context) => ensure(options, context),
    returnAll: (context) => returnAll(options, context),
  };
}

async function ensure(
  options: WorkerProviderOptions,
  { cluster, tenant, recorded, record }: NodesContext & { tenant: Tenant },
): Promise<NodesState> {
  const wanted = wantedWorkers(cluster, options.maxSize);
  // Every worker is recorded before it is created, so without an entry there is none.
  if (wanted.length === 0 && recorded.length === 0) return { nodes: [], settled: true };
  const [workerPods, tenantNodes, { worker: settings }] = await Promise.all([
    podsOf(options.client, cluster),
    listTenantNodes(tenant.client),
    options.podSettings(),
  ]);
  const plan = planWorkers({
    wanted,
    pods: byName(workerPods),
    nodes: byName(tenantNodes),
    recorded: new Map(recorded.map((status) => [status.name, status])),
    podSettings: podSettingsHash(settings),
    now: options.clock.now(),
  });
  if (plan.journal.length > 0) await record(plan.journal);
  const problems = await actOnWorkers(options, { cluster, tenant, pods: byName(workerPods) }, plan.acts);
  const nodes = plan.nodes.map((status) => withProblem(status, problems.get(status.name), recorded));
  const settled = plan.settled && problems.size === 0;
  return {
    nodes,
    settled,
    ...firstProblem(nodes, settled),
    requeueAfterMs: settled ? POLL_MS.settled : pollIntervalOf(nodes, options.clock.now()),
  };
}

/** A worker becomes Ready only once its acts have succeeded, so that they are repeated until then. */
function withProblem(
  status: NodeStatus,
  problem: Problem | undefined,
  recorded: readonly NodeStatus[],
): NodeStatus {
  if (!problem) return status;
  if (status.phase !== 'Ready') return { ...status, ...problem };
  const joining = recorded.find(({ name, phase }) => name === status.name && phase === 'Joining');
  return { ...status, ...joining, phase: 'Joining', ...problem };
}

/** By the worker that changed last: the next change is likely to come soon. */
function pollIntervalOf(workers: readonly NodeStatus[], now: number): number {
  const ages = workers
    .filter(({ phase }) => phase !== 'Ready')
    .map(({ since }) => (since ? now - Date.parse(since) : 0));
  return pollInterval(ages.length === 0 ? 0 : Math.min(...ages), POLL_MS.unsettled);
}

const podsOf = async (client: KubeClient, cluster: VirtualCluster): Promise<Pod[]> =>
  (await client.list(pods, { namespace: cluster.metadata.namespace, labelSelector: selectorOf(cluster) }))
    .items;

const selectorOf = ({ metadata }: VirtualCluster) =>
  `${LABEL.component}=${WORKER_COMPONENT},${LABEL.clusterUid}=${metadata.uid}`;

const byName = <T extends { metadata: { name: string } }>(items: readonly T[]) =>
  new Map(items.map((item) => [item.metadata.name, item]));

function firstProblem(workers: readonly NodeStatus[], settled: boolean): Pick<NodesState, 'problem'> {
  const open = workers.find(({ phase }) => phase !== 'Ready');
  if (settled || !open) return {};
  const { name, reason = 'WorkerLeaving', message = 'it is being removed' } = open;
  return { problem: { reason, message: message.includes(name) ? message : `worker ${name}: ${message}` } };
}

/** Deletes all workers at once, without a drain: the whole tenant goes. */
async function returnAll(
  options: WorkerProviderOptions,
  { cluster, recorded }: NodesContext,
): Promise<NodesState> {
  const [workerPods, joinSecrets] = await Promise.all([
    podsOf(options.client, cluster),
    options.client.list(secrets, {
      namespace: cluster.metadata.namespace,
      labelSelector: selectorOf(cluster),
      metadataOnly: true,
    }),
  ]);
  await removeHostObjects(options, workerPods, joinSecrets.items);
  if (workerPods.length === 0) return { nodes: [], settled: true };
  const problem = { reason: 'WorkersEnding', message: `${workerPods.length} worker pods are being deleted` };
  const remaining = byName(workerPods);
  const nodes = recorded
    .filter(({ name }) => remaining.has(name))
    .map((status): NodeStatus => ({ ...status, phase: 'Leaving', step: 'Remove', ...problem }));
  return { nodes, settled: false, problem, requeueAfterMs: POLL_MS.unsettled };
}
