type Requirement = { key: string; operator: string; values?: string[] };
export type NodeSelectorTerm = { matchExpressions?: Requirement[]; matchFields?: Requirement[] };

/** The part of a pod's affinity that names nodes; everything else is kept unchanged. */
export type Affinity = {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: {
      nodeSelectorTerms: NodeSelectorTerm[];
      [field: string]: unknown;
    };
    [field: string]: unknown;
  };
  [field: string]: unknown;
};

/**
 * The affinity with the node required in addition. If it already requires another node, no node matches both and the
 * scheduler says so.
 */
export function withNode(node: string, affinity: Affinity = {}): Affinity {
  const required = affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  // Terms are alternatives, so each of them needs the node.
  const nodeSelectorTerms = (required?.nodeSelectorTerms ?? [{}]).map((term) => termWithNode(node, term));
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { ...required, nodeSelectorTerms },
    },
  };
}

function termWithNode(node: string, term: NodeSelectorTerm): NodeSelectorTerm {
  // A node's name is a field; a label might differ.
  const field = { key: 'metadata.name', operator: 'In', values: [node] };
  const { matchFields = [] } = term;
  const isThere = matchFields.some(
    ({ key, operator, values }) =>
      key === field.key && operator === field.operator && values?.join() === node,
  );
  return isThere ? term : { ...term, matchFields: [...matchFields, field] };
}
