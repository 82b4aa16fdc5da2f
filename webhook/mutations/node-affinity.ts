import { withNode } from '#api/contract/node-affinity.ts';
import { namedNodes } from '#api/sources/location.ts';
import { withPodSpec } from '../job.ts';
import type { Mutation } from './mutation.ts';

/** Requires the nodes that sources name: a host path with a nodeName can be read there only. */
export const requireNodes: Mutation = (job, { locations }) => namedNodes(locations).reduce(requireNode, job);

const requireNode = (job: Parameters<Mutation>[0], node: string) =>
  withPodSpec(job, (spec) => ({ ...spec, affinity: withNode(node, spec.affinity) }));
