import { withNode } from '#api/contract/node-affinity.ts';
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
  withPodSpec(job, (spec) => ({ ...spec, affinity: withNode(node, spec.affinity) }));
