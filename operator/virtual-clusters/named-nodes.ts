import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';

/** The nodes of an existing cluster are its owner's: those that the spec names are only reported. */
export function namedNodes({ spec }: VirtualCluster): NodeStatus[] | undefined {
  const { nodes = [], nodeInfos = [] } = spec.promoteResources ?? {};
  const names = [...new Set([...nodes, ...nodeInfos.map(({ nodeName }) => nodeName)])].sort();
  if (names.length === 0) return undefined;
  const message = 'not managed: Pinion adds no nodes to an existing cluster';
  return names.map((name) => ({ name, phase: 'NotManaged', message }));
}
