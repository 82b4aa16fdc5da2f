import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { type LabelSelector, selects } from './selector.ts';

export type Candidate = { name: string; labels: Record<string, string>; obstacle?: Problem | undefined };
export type Wanted = { names: string[]; shortage?: Problem };

/** Nodes that the spec names. */
export function namesInSpec({ spec }: Pick<VirtualCluster, 'spec'>): string[] {
  const { nodes = [], nodeInfos = [] } = spec.promoteResources ?? {};
  return [...new Set([...nodes, ...nodeInfos.map(({ nodeName }) => nodeName)])];
}

export const hasPolicies = ({ spec }: Pick<VirtualCluster, 'spec'>): boolean =>
  (spec.promotePolicies ?? []).some(({ nodeCount = 0 }) => nodeCount > 0);

/**
 * The nodes that are asked for: those that the spec names, and of each policy's pool as many as it counts. What a
 * pool gave before it goes on giving; a node that is named counts for no pool, and each for one only.
 */
export function wantedNodes(
  cluster: Pick<VirtualCluster, 'spec'>,
  recorded: readonly NodeStatus[],
  candidates: readonly Candidate[],
): Wanted {
  const chosen = new Set(namesInSpec(cluster));
  const held = recorded
    .filter(({ step, phase }) => step !== undefined && phase !== 'Leaving')
    .map(({ name }) => name);
  const shortages: string[] = [];
  for (const { labelSelector, nodeCount = 0 } of cluster.spec.promotePolicies ?? []) {
    const pool = candidates.filter(({ name, labels }) => !chosen.has(name) && selects(labelSelector, labels));
    const ranked = pool
      .filter(({ name, obstacle }) => held.includes(name) || obstacle === undefined)
      .sort((a, b) => rank(a, held) - rank(b, held) || (a.name < b.name ? -1 : 1));
    for (const { name } of ranked.slice(0, nodeCount)) chosen.add(name);
    if (ranked.length < nodeCount) shortages.push(describe(labelSelector, nodeCount, ranked.length, pool));
  }
  const names = [...chosen].sort();
  if (shortages.length === 0) return { names };
  return { names, shortage: { reason: 'NotEnoughNodes', message: shortages.join('; ') } };
}

const rank = ({ name }: Candidate, held: readonly string[]) => (held.includes(name) ? 0 : 1);

function describe(
  selector: LabelSelector | undefined,
  count: number,
  found: number,
  pool: readonly Candidate[],
): string {
  const why = pool.flatMap(({ obstacle }) => (obstacle ? [obstacle.message] : [])).slice(0, 3);
  const text = `the pool ${JSON.stringify(selector ?? {})} has ${found} of ${count} nodes that can be taken`;
  return why.length === 0 ? text : `${text} (${why.join('; ')})`;
}
