import { withPodSpec } from '../job.ts';
import type { Mutation } from './mutation.ts';

/** A host path with a nodeName is read on that node: the pod is required to run there. */
export const requireNodes: Mutation = (job, { locations }) => {
  const names = locations.flatMap(({ location }) =>
    location.kind === 'host' && location.nodeName ? [location.nodeName] : [],
  );
  return [...new Set(names)].reduce(requireNode, job);
};

const requireNode = (job: Parameters<Mutation>[0], node: string) =>
  withPodSpec(job, (spec) => {
    const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    // Terms are alternatives, so each of them needs the node. A node's name is a field; a label might differ.
    const nodeSelectorTerms = (required?.nodeSelectorTerms ?? [{}]).map((term) =>
      namesNode(term.matchFields, node)
        ? term
        : {
            ...term,
            matchFields: [
              ...(term.matchFields ?? []),
              { key: 'metadata.name', operator: 'In', values: [node] },
            ],
          },
    );
    return {
      ...spec,
      affinity: {
        ...spec.affinity,
        nodeAffinity: {
          ...spec.affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: { ...required, nodeSelectorTerms },
        },
      },
    };
  });

const namesNode = (
  fields: { key: string; operator: string; values?: string[] }[] | undefined,
  node: string,
): boolean =>
  (fields ?? []).some(
    ({ key, operator, values }) => key === 'metadata.name' && operator === 'In' && values?.[0] === node,
  );
