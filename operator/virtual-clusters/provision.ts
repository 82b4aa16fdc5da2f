import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Target } from '#api/kubeconfig.ts';
import type { Problem } from '#api/problem.ts';
import { problemOf } from '#api/problem.ts';
import { isConflict } from '#kube/errors.ts';
import type { Stage } from '#operator/access/stage.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import type { ControlPlaneState, ControlPlanes } from '#operator/control-planes/state.ts';
import type { NodeProvider, NodesContext, NodesState } from '#operator/nodes/node-provider.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import type { Findings } from './findings.ts';

/** What makes clusters of our own. */
export type Provisioner = { controlPlanes: ControlPlanes; nodeProviders: readonly NodeProvider[] };

/** How far a cluster is. Its plugins may be worked on as soon as there is a target. */
export type Provisioned = Pick<Findings, 'nodes' | 'controlPlane' | 'pressure'> & {
  stage: Stage;
  target?: Target;
  tenant?: Tenant;
  requeueAfterMs: (number | undefined)[];
};

const SUSPENDED: Problem = {
  reason: 'Suspended',
  message: 'spec.suspend is true; set it to false to continue',
};
const NO_NODES: Problem = {
  reason: 'NoNodes',
  message:
    'the control plane is up, but no nodes are requested; name host nodes in spec.promoteResources.nodes, or request capacity in spec.promoteResources.resources',
};

/** Brings control plane and nodes of a managed cluster a step on. */
export async function provision(provisioner: Provisioner, writer: ClusterWriter): Promise<Provisioned> {
  if (writer.cluster.spec.suspend) return paused(provisioner, writer.cluster);
  const state = await ensureControlPlane(provisioner.controlPlanes, writer.cluster);
  if (state.kind === 'waiting') {
    const { problem, terminal, requeueAfterMs } = state;
    const kind = wasEquipped(writer.cluster) ? 'updating' : 'preparing';
    return {
      stage: { kind, problem, terminal },
      ...keptNodes(writer.cluster),
      requeueAfterMs: [requeueAfterMs],
    };
  }
  const { tenant, status: controlPlane, updating, pressure = null } = state;
  const found = await eachProvider(provisioner.nodeProviders, writer, (provider, context) =>
    provider.ensure({ ...context, tenant }),
  );
  const nodes = found.flatMap((one) => one.nodes).sort(byName);
  const requeueAfterMs = [state.requeueAfterMs, ...found.map((one) => one.requeueAfterMs)];
  const common = { nodes, controlPlane, pressure, requeueAfterMs };
  const open = found.find(({ settled }) => !settled);
  const equipped = wasEquipped(writer.cluster);
  const kind = equipped ? 'updating' : 'initialized';
  // Whatever else is wrong follows from it: nothing can be written.
  if (pressure?.full) {
    const stage: Stage = { kind, problem: pressure, terminal: false };
    return equipped ? { ...common, stage, tenant, target: tenant.target } : { ...common, stage };
  }
  if (open) {
    const { problem = WAITING, terminal = false } = open;
    const stage: Stage = { kind, problem, terminal };
    return equipped ? { ...common, stage, tenant, target: tenant.target } : { ...common, stage };
  }
  if (nodes.length === 0) {
    return { ...common, stage: { kind: 'initialized', problem: NO_NODES, terminal: true } };
  }
  const stage: Stage =
    updating && equipped ? { kind: 'updating', problem: updating, terminal: false } : { kind: 'ready' };
  return { ...common, stage, tenant, target: tenant.target };
}

const WAITING: Problem = { reason: 'WaitingForNodes', message: 'waiting for nodes to join' };

/** Nothing is made or changed; what runs is only told of. */
async function paused({ controlPlanes }: Provisioner, cluster: VirtualCluster): Promise<Provisioned> {
  const isUp = wasEquipped(cluster);
  const tenant = isUp ? await controlPlanes.find(cluster) : undefined;
  // One that was up has missed an answer.
  const common = { ...keptNodes(cluster), requeueAfterMs: isUp && !tenant ? [RETRY_MS] : [] };
  if (!tenant) return { ...common, stage: { kind: 'preparing', problem: SUSPENDED } };
  return { ...common, stage: { kind: 'ready' }, tenant, target: tenant.target };
}

async function ensureControlPlane(
  planes: ControlPlanes,
  cluster: VirtualCluster,
): Promise<ControlPlaneState> {
  try {
    return await planes.ensure(cluster);
  } catch (error) {
    const { terminal, ...problem } = lastingProblem(error);
    return { kind: 'waiting', problem, terminal, ...retryOf(terminal) };
  }
}

const RETRY_MS = 3_000;

/** What no retry can mend waits for a change of the object. */
const retryOf = (terminal: boolean) => (terminal ? {} : { requeueAfterMs: RETRY_MS });

/** A conflict is none: it is decided anew on the newer object, at once. */
function lastingProblem(error: unknown): ReturnType<typeof problemOf> {
  if (isConflict(error)) throw error;
  return problemOf(error);
}

/** One provider after the other: each may write the journal. What one fails at keeps no other from its work. */
async function eachProvider(
  providers: readonly NodeProvider[],
  writer: ClusterWriter,
  step: (provider: NodeProvider, context: Omit<NodesContext, 'tenant'>) => Promise<NodesState>,
): Promise<NodesState[]> {
  const states: NodesState[] = [];
  for (const provider of providers) {
    const recorded = entriesOf(provider, writer.cluster);
    const record = (entries: readonly NodeStatus[]) => writer.record(entries);
    try {
      states.push(await step(provider, { cluster: writer.cluster, recorded, record }));
    } catch (error) {
      const { terminal, ...problem } = lastingProblem(error);
      const nodes = entriesOf(provider, writer.cluster);
      states.push({ nodes, settled: false, problem, terminal, ...retryOf(terminal) });
    }
  }
  return states;
}

const entriesOf = ({ kind }: NodeProvider, { status }: VirtualCluster): NodeStatus[] =>
  (status?.nodes ?? []).filter((node) => node.kind === kind);

/** The journal of nodes as it is: for a status that is written without a look at them. */
export const keptNodes = ({ status }: VirtualCluster) => (status?.nodes ? { nodes: status.nodes } : {});

/**
 * Whether the cluster has been ready for plugins before: from then on a missing node is a change, not the way up.
 * Releases without `equippedAt` are known by what they have installed or begun.
 */
export const wasEquipped = ({ status }: VirtualCluster): boolean =>
  status?.equippedAt !== undefined ||
  (status?.plugins ?? []).some(({ job, digest }) => job !== undefined || digest !== undefined);

const byName = (a: NodeStatus, b: NodeStatus) => (a.name < b.name ? -1 : 1);

/** Gives all nodes back, then takes the control plane down. True once nothing of either is left in the host. */
export async function deprovision(provisioner: Provisioner, writer: ClusterWriter): Promise<boolean> {
  const { controlPlanes, nodeProviders } = provisioner;
  if (!areNodesReturned(writer.cluster)) {
    const tenant = await controlPlanes.find(writer.cluster);
    const states = await eachProvider(nodeProviders, writer, (provider, context) =>
      provider.returnAll({ ...context, tenant }),
    );
    const nodes = states.flatMap((state) => state.nodes).sort(byName);
    const open = states.find(({ settled }) => !settled);
    await writer.writeDeletion(open ? 'Deleting' : 'AllNodeDeleted', { problem: open?.problem, nodes });
    if (open) return false;
  }
  return controlPlanes.remove(writer.cluster);
}

/** Whether this operator or one before it has returned all nodes and said so. */
export const areNodesReturned = ({ status }: VirtualCluster): boolean =>
  status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'AllNodeDeleted') === true;
