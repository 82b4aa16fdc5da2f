import type { NodeSelectorTerm } from '#api/contract/node-affinity.ts';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';

type Labels = Record<string, string>;
export type LabelSelector = NonNullable<
  NonNullable<VirtualClusterSpec['promotePolicies']>[number]['labelSelector']
>;
type Requirement = { key: string; operator: string; values?: readonly string[] | undefined };

/** Whether labels meet one requirement of a selector. A requirement with an unknown operator is never met. */
export function meets(labels: Labels, { key, operator, values = [] }: Requirement): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** An absent or empty selector selects everything. */
export const selects = (selector: LabelSelector | undefined, labels: Labels): boolean =>
  Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector?.matchExpressions ?? []).every((requirement) => meets(labels, requirement));

/** Whether a node meets one of the terms of a node selector; a term without requirements is never met. */
export const matchesTerms = (
  terms: readonly NodeSelectorTerm[],
  { name, labels = {} }: { name: string; labels?: Labels },
): boolean =>
  terms.some(({ matchExpressions = [], matchFields = [] }) => {
    const byLabel = matchExpressions.map((requirement) => meets(labels, requirement));
    const byField = matchFields.map((requirement) => meets({ 'metadata.name': name }, requirement));
    const all = [...byLabel, ...byField];
    return all.length > 0 && all.every(Boolean);
  });
