import pMap from 'p-map';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import { earliest } from '#kube/work-queue.ts';
import type { NodeProvider, NodesContext, NodesState } from '../node-provider.ts';
import type { PromotionDeps } from './act.ts';
import { advanceNode, type NodeResult } from './advance-node.ts';
import { AgentAuthority } from './agent-authority.ts';
import { createAgents } from './agent-client.ts';
import { EligibilityReader } from './eligibility-reader.ts';
import { type NodeSnapshot, readSnapshots } from './node-snapshot.ts';
import { hasPolicies, namesInSpec, type Wanted, wantedNodes } from './wanted.ts';

export type PromotionOptions = Omit<PromotionDeps, 'agents'> & {
  /** Pinion's own namespace, with the Secret of AgentAuthority. */
  namespace: string;
  clusters: () => readonly VirtualCluster[];
  /** Labels that a host node must have to be promoted. */
  promotableLabels: Record<string, string>;
};

const POOL_MS = 10_000;
const CONCURRENCY = 8;

type Deps = PromotionDeps & Pick<PromotionOptions, 'clusters' | 'promotableLabels'>;

/** Moves host nodes into tenants and returns them. */
export function createPromotion(options: PromotionOptions): NodeProvider {
  const authority = new AgentAuthority(options);
  // The installers' pods wait for the CA: the sooner it exists, the sooner nodes can be promoted.
  authority
    .ensure()
    .catch((error: Error) =>
      options.log.info({ error: error.message }, 'promotion: no CA for node agents yet'),
    );
  const deps = { ...options, agents: createAgents(() => authority.clientPair()) };
  return {
    kind: 'Promoted',
    ensure: async (context) => {
      const snapshots = await readSnapshots(deps.client, context.cluster);
      const isAskedFor = namesInSpec(context.cluster).length > 0 || hasPolicies(context.cluster);
      if (!isAskedFor && snapshots.size === 0 && context.recorded.length === 0) {
        return { nodes: [], settled: true };
      }
      await authority.ensure();
      return advanceAll(deps, context, snapshots, false);
    },
    returnAll: async (context) =>
      advanceAll(deps, context, await readSnapshots(deps.client, context.cluster), true),
  };
}

async function advanceAll(
  deps: Deps,
  context: NodesContext,
  snapshots: ReadonlyMap<string, NodeSnapshot>,
  deleting: boolean,
): Promise<NodesState> {
  const { cluster, tenant } = context;
  const eligibility = new EligibilityReader(deps, cluster);
  const wanted = deleting ? { names: [] } : await wantedIn(eligibility, context, snapshots);
  const recorded = new Map(context.recorded.map((status) => [status.name, status]));
  const names = [...new Set([...wanted.names, ...snapshots.keys(), ...recorded.keys()])].sort();
  const advance = (name: string): Promise<NodeResult> =>
    advanceNode(deps, context, {
      cluster,
      tenant,
      name,
      wanted: wanted.names.includes(name),
      deleting,
      recorded: recorded.get(name),
      snapshot: snapshots.get(name),
      ineligibility: (node) => eligibility.ineligibilityOf(node),
    });
  // Side by side, so that a machine that does not answer delays no other. All have stopped when this returns.
  const results = await pMap(names, advance, { concurrency: CONCURRENCY, stopOnError: false }).catch(
    (failed) => {
      throw failed instanceof AggregateError ? failed.errors[0] : failed;
    },
  );
  return summaryOf(results, wanted.shortage);
}

function summaryOf(results: readonly NodeResult[], shortage: Problem | undefined): NodesState {
  const open = results.filter(({ status, wanted }) => status && !(wanted && status.phase === 'Ready'));
  const isProblematic = ({ problem }: NodeResult) => problem !== undefined;
  const problem = open.find(isProblematic)?.problem ?? shortage ?? results.find(isProblematic)?.problem;
  const requeueAfterMs = earliest(...results.map(({ afterMs }) => afterMs), shortage && POOL_MS);
  return {
    nodes: results.flatMap(({ status }) => (status ? [status] : [])),
    settled: open.length === 0 && shortage === undefined,
    ...(problem && { problem }),
    ...(requeueAfterMs !== undefined && { requeueAfterMs }),
  };
}

/** The nodes that the cluster asks for. Lists the host's nodes only when a policy has to choose among them. */
async function wantedIn(
  eligibility: EligibilityReader,
  { cluster, recorded }: NodesContext,
  snapshots: ReadonlyMap<string, NodeSnapshot>,
): Promise<Wanted> {
  if (!hasPolicies(cluster)) return { names: namesInSpec(cluster).sort() };
  const promoted = [...snapshots.values()].map(({ nodeName, labels }) => ({ name: nodeName, labels }));
  const inHost = (await eligibility.candidates()).filter(({ name }) => !snapshots.has(name));
  return wantedNodes(cluster, recorded, [...promoted, ...inHost]);
}
