import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { type LabelSelector, selects } from './selector.ts';

export type Candidate = { name: string; labels: Record<string, string>; ineligibility?: Problem | undefined };
export type Wanted = { names: string[]; shortage?: Problem };

/** Names of the nodes that the spec names, each once. */
export function namesInSpec({ spec }: Pick<VirtualCluster, 'spec'>): string[] {
  const { nodes = [], nodeInfos = [] } = spec.promoteResources ?? {};
  return [...new Set([...nodes, ...nodeInfos.map(({ nodeName }) => nodeName)])];
}

export const hasPolicies = ({ spec }: Pick<VirtualCluster, 'spec'>): boolean =>
  (spec.promotePolicies ?? []).some(({ nodeCount = 0 }) => nodeCount > 0);

/**
 * The nodes that a cluster asks for: those that its spec names, and `nodeCount` nodes of each policy's pool. Nodes that
 * the cluster has promoted stay; a named node counts for no pool, and every other node for one pool only.
 */
export function wantedNodes(
  cluster: Pick<VirtualCluster, 'spec'>,
  recorded: readonly NodeStatus[],
  candidates: readonly Candidate[],
): Wanted {
  const chosen = new Set(namesInSpec(cluster));
  const promoted = recorded
    .filter(({ step, phase }) => step !== undefined && phase !== 'Leaving')
    .map(({ name }) => name);
  const shortages: string[] = [];
  for (const { labelSelector, nodeCount = 0 } of cluster.spec.promotePolicies ?? []) {
    const pool = candidates.filter(({ name, labels }) => !chosen.has(name) && selects(labelSelector, labels));
    const ranked = pool
      .filter(({ name, ineligibility }) => promoted.includes(name) || ineligibility === undefined)
      .sort((a, b) => rank(a, promoted) - rank(b, promoted) || (a.name < b.name ? -1 : 1));
    for (const { name } of ranked.slice(0, nodeCount)) chosen.add(name);
    if (ranked.length < nodeCount) shortages.push(describe(labelSelector, nodeCount, ranked.length, pool));
  }
  const names = [...chosen].sort();
  if (shortages.length === 0) return { names };
  return { names, shortage: { reason: 'NotEnoughNodes', message: shortages.join('; ') } };
}

const rank = ({ name }: Candidate, promoted: readonly string[]) => (promoted.includes(name) ? 0 : 1);

function describe(
  selector: LabelSelector | undefined,
  count: number,
  found: number,
  pool: readonly Candidate[],
): string {
  const reasons = pool
    .flatMap(({ ineligibility }) => (ineligibility ? [ineligibility.message] : []))
    .slice(0, 3);
  const text = `the pool ${JSON.stringify(selector ?? {})} has ${found} of ${count} nodes that can be promoted`;
  return reasons.length === 0 ? text : `${text} (${reasons.join('; ')})`;
}
