import { type Case, condition, seen, workload } from './case.ts';

const deployment = (spec: object = {}, metadata: object = {}) => workload('Deployment', spec, metadata);
const available = [condition('Available'), condition('Progressing', 'True', 'NewReplicaSetAvailable')];
const all = (count: number) => ({
  replicas: count,
  updatedReplicas: count,
  readyReplicas: count,
  availableReplicas: count,
});

export const DEPLOYMENTS: Case[] = [
  { name: 'a Deployment without a status', is: 'InProgress', object: deployment() },
  {
    name: 'a Deployment with all its pods',
    is: 'Ready',
    object: deployment({ replicas: 2 }),
    status: { ...seen, ...all(2), conditions: available },
  },
  {
    name: 'a Deployment without a condition Available',
    is: 'InProgress',
    object: deployment(),
    status: { ...seen, ...all(1), conditions: [available[1]] },
  },
  {
    name: 'a Deployment whose new ReplicaSet is not available',
    is: 'InProgress',
    object: deployment(),
    status: {
      ...seen,
      ...all(1),
      conditions: [condition('Available'), condition('Progressing', 'True', 'ReplicaSetUpdated')],
    },
  },
  {
    name: 'a Deployment without a progress deadline',
    is: 'Ready',
    object: deployment({ progressDeadlineSeconds: 2147483647 }),
    status: { ...seen, ...all(1), conditions: [condition('Available')] },
  },
  {
    name: 'a Deployment over its progress deadline',
    is: 'Failed',
    object: deployment(),
    status: { ...seen, conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
  },
  {
    name: 'a Deployment with an old pod left',
    is: 'InProgress',
    object: deployment({ replicas: 1 }),
    status: {
      ...seen,
      replicas: 2,
      updatedReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 2,
      conditions: available,
    },
  },
  {
    name: 'a Deployment with pods of the last version',
    is: 'InProgress',
    object: deployment({ replicas: 2 }),
    status: { ...seen, ...all(2), updatedReplicas: 1, conditions: available },
  },
  {
    name: 'a Deployment whose controller has not seen the newest generation',
    is: 'InProgress',
    object: deployment(),
    status: { ...all(1), observedGeneration: 7, conditions: available },
  },
  { name: 'a paused Deployment', is: 'Ready', object: deployment({ paused: true }) },
  {
    name: 'a Deployment of no pods',
    is: 'Ready',
    object: deployment({ replicas: 0 }),
    status: { ...seen, conditions: available },
  },
  {
    name: 'a Deployment that is being deleted',
    is: 'InProgress',
    object: deployment({}, { finalizers: ['example.com/hold'] }),
    status: { ...all(1), observedGeneration: 2, conditions: available },
    deleted: true,
  },
];
