import type { NodeSelectorTerm } from './node-affinity.ts';

/** The part of a PersistentVolume that says where it can be mounted. */
export type VolumeAffinity = { nodeAffinity?: { required?: { nodeSelectorTerms?: NodeSelectorTerm[] } } };

/** A source that can be read on these hosts only. `what` is for messages, like `claim plugin-store`. */
export type NodeBinding = { field: string; what: string; hostnames: string[] };

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

/** The hosts on which a volume can be mounted, or undefined when its affinity says more than host names. */
export function hostnamesOfVolume({ nodeAffinity }: VolumeAffinity): string[] | undefined {
  const terms = nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const names = terms.map(({ matchExpressions = [] }) =>
    matchExpressions.find(({ key, operator }) => key === HOSTNAME_LABEL && operator === 'In'),
  );
  if (names.length === 0 || names.includes(undefined)) return undefined;
  return names.flatMap((requirement) => requirement?.values ?? []);
}

/** The message when two sources of a plugin can only be read on different nodes; undefined when one node can read all. */
export function describeNodeConflict(bindings: readonly NodeBinding[]): string | undefined {
  for (const [i, a] of bindings.entries()) {
    const b = bindings
      .slice(i + 1)
      .find(({ hostnames }) => !hostnames.some((name) => a.hostnames.includes(name)));
    if (b) {
      return `the sources are bound to different nodes, so no pod can read both: ${describe(a)}, ${describe(b)}; move one of them`;
    }
  }
  return undefined;
}

const describe = ({ field, what, hostnames }: NodeBinding) =>
  `${field} (${what}) to ${hostnames.join(' or ')}`;
