import pMap from 'p-map';
import { ANNOTATION, CONTROL_PLANE_COMPONENT, LABEL } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import { nodes, secrets, volumes } from '#kube/resources.ts';
import type { NodeProvider, NodesContext, NodesState } from '../node-provider.ts';
import type { PromotionDeps } from './act.ts';
import { bringOn, type End } from './advance-node.ts';
import { AgentAuthority } from './agent-authority.ts';
import { createAgents } from './agent-client.ts';
import { obstacleTo, type Surroundings } from './eligibility.ts';
import { nodesWithAgent } from './find-agent.ts';
import { type Kept, readKept } from './node-snapshot.ts';
import { type Candidate, hasPolicies, namesInSpec, type Wanted, wantedNodes } from './wanted.ts';

export type PromotionOptions = Omit<PromotionDeps, 'agents'> & {
  /** Pinion's own namespace: where the authority of the agents' client certificates is. */
  namespace: string;
  clusters: () => readonly VirtualCluster[];
  /** Labels that a host node must have to be taken. */
  promotableLabels: Record<string, string>;
};

const POOL_MS = 10_000;
const AT_ONCE = 8;

type Deps = PromotionDeps & Pick<PromotionOptions, 'clusters' | 'promotableLabels'>;

/** Host nodes that are moved into tenants, and back. */
export function createPromotion(options: PromotionOptions): NodeProvider {
  const authority = new AgentAuthority(options);
  // Pods of the installer wait for it: the sooner it is there, the sooner nodes can be taken.
  authority.ensure().catch((error: Error) => options.log.info({ error: error.message }, 'no agents yet'));
  const deps = { ...options, agents: createAgents(() => authority.clientPair()) };
  return {
    kind: 'Promoted',
    ensure: async (context) => {
      const kept = await readKept(deps.client, context.cluster);
      const isAsked = namesInSpec(context.cluster).length > 0 || hasPolicies(context.cluster);
      if (!isAsked && kept.size === 0 && context.recorded.length === 0) return { nodes: [], settled: true };
      await authority.ensure();
      return proceed(deps, context, kept, false);
    },
    release: async (context) => proceed(deps, context, await readKept(deps.client, context.cluster), true),
  };
}

async function proceed(
  deps: Deps,
  context: NodesContext,
  kept: ReadonlyMap<string, Kept>,
  releasing: boolean,
): Promise<NodesState> {
  const judge = new Judge(deps, context);
  const wanted = releasing ? { names: [] } : await wantedIn(judge, context, kept);
  const recorded = new Map(context.recorded.map((entry) => [entry.name, entry]));
  const names = [...new Set([...wanted.names, ...kept.keys(), ...recorded.keys()])].sort();
  const bring = (name: string): Promise<End> =>
    bringOn(deps, context, {
      cluster: context.cluster,
      tenant: context.tenant,
      name,
      wanted: wanted.names.includes(name),
      releasing,
      recorded: recorded.get(name),
      kept: kept.get(name),
      obstacle: (one) => judge.obstacle(one),
    });
  // Side by side: a machine that does not answer holds up no other. None is left at work when this returns.
  const ends = await pMap(names, bring, { concurrency: AT_ONCE, stopOnError: false }).catch((failed) => {
    throw failed instanceof AggregateError ? failed.errors[0] : failed;
  });
  return summary(ends, wanted.shortage);
}

function summary(ends: readonly End[], shortage: Problem | undefined): NodesState {
  const open = ends.filter(({ entry, wanted }) => entry && !(wanted && entry.phase === 'Ready'));
  const problem =
    open.find((end) => end.problem)?.problem ?? shortage ?? ends.find((end) => end.problem)?.problem;
  const delays = ends.flatMap(({ afterMs }) => (afterMs === undefined ? [] : [afterMs]));
  if (shortage) delays.push(POOL_MS);
  return {
    nodes: ends.flatMap(({ entry }) => (entry ? [entry] : [])),
    settled: open.length === 0 && shortage === undefined,
    ...(problem && { problem }),
    ...(delays.length > 0 && { requeueAfterMs: Math.min(...delays) }),
  };
}

/** Which nodes are asked for. The host's nodes are listed only where a pool is to be chosen from. */
async function wantedIn(
  judge: Judge,
  { cluster, recorded }: NodesContext,
  kept: ReadonlyMap<string, Kept>,
): Promise<Wanted> {
  if (!hasPolicies(cluster)) return { names: namesInSpec(cluster).sort() };
  const away = [...kept.values()].map(({ nodeName, labels }) => ({ name: nodeName, labels }));
  const held = new Set(kept.keys());
  const present = (await judge.candidates()).filter(({ name }) => !held.has(name));
  return wantedNodes(cluster, recorded, [...away, ...present]);
}

/** Says why nodes can't be taken; reads what that depends on once. */
class Judge {
  readonly #deps: Deps;
  readonly #context: NodesContext;
  #around: Promise<Surroundings> | undefined;

  constructor(deps: Deps, context: NodesContext) {
    this.#deps = deps;
    this.#context = context;
  }

  async obstacle(name: string): Promise<Problem | undefined> {
    return obstacleTo(name, await this.#surroundings());
  }

  async candidates(): Promise<Candidate[]> {
    const around = await this.#surroundings();
    return around.nodes.map(({ metadata: { name, labels = {} } }) => ({
      name,
      labels,
      obstacle: obstacleTo(name, around),
    }));
  }

  #surroundings(): Promise<Surroundings> {
    this.#around ??= this.#read();
    return this.#around;
  }

  async #read(): Promise<Surroundings> {
    const { client, clusters, insecureRegistries, promotableLabels } = this.#deps;
    const [nodeList, volumeList, entries, agents] = await Promise.all([
      client.list(nodes),
      client.list(volumes),
      entriesOf(client),
      nodesWithAgent(client),
    ]);
    return {
      cluster: this.#context.cluster,
      clusters: clusters(),
      nodes: nodeList.items,
      volumes: volumeList.items,
      agents,
      entries,
      promotableLabels,
      registries: insecureRegistries.map((registry) => registry.replace(/:\d+$/, '')),
    };
  }
}

/** Where the nodes of tenants, all of them, enter: whoever took such a machine would cut them off. */
async function entriesOf(client: KubeClient): Promise<Set<string>> {
  const labelSelector = `${LABEL.component}=${CONTROL_PLANE_COMPONENT}`;
  const { items } = await client.list(secrets, { labelSelector, metadataOnly: true });
  return new Set(items.flatMap(({ metadata }) => metadata.annotations?.[ANNOTATION.entry] ?? []));
}
