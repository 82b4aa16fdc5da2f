import { type Case, condition, seen, workload } from './case.ts';

const stateful = (spec: object = {}) => workload('StatefulSet', { serviceName: 'a', replicas: 3, ...spec });
const partition = (value: number) => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: value } },
});
const revisions = { currentRevision: 'a-1', updateRevision: 'a-1' };
const three = {
  ...seen,
  replicas: 3,
  readyReplicas: 3,
  currentReplicas: 3,
  updatedReplicas: 3,
  availableReplicas: 3,
};

/** Sets of pods that are no Deployment. */
export const SETS: Case[] = [
  {
    name: 'a StatefulSet with all its pods',
    is: 'Ready',
    object: stateful(),
    status: { ...three, ...revisions },
  },
  {
    name: 'a StatefulSet with a pod that is not ready',
    is: 'InProgress',
    object: stateful(),
    status: { ...three, ...revisions, readyReplicas: 2, availableReplicas: 2 },
  },
  {
    name: 'a StatefulSet whose pods are all updated and have the last revision still',
    is: 'Ready',
    object: stateful(),
    status: { ...three, ...revisions, updateRevision: 'a-2' },
  },
  {
    name: 'a StatefulSet whose pods above the partition are updated',
    is: 'Ready',
    object: stateful(partition(2)),
    status: {
      ...three,
      currentReplicas: 2,
      updatedReplicas: 1,
      currentRevision: 'a-1',
      updateRevision: 'a-2',
    },
  },
  {
    name: 'a StatefulSet with an old pod above the partition',
    is: 'InProgress',
    object: stateful(partition(1)),
    status: {
      ...three,
      currentReplicas: 2,
      updatedReplicas: 1,
      currentRevision: 'a-1',
      updateRevision: 'a-2',
    },
  },
  {
    name: 'a StatefulSet with OnDelete and no pods',
    is: 'Ready',
    object: stateful({ updateStrategy: { type: 'OnDelete' } }),
  },
  {
    name: 'a DaemonSet that its controller has not seen',
    is: 'InProgress',
    object: workload('DaemonSet'),
  },
  {
    name: 'a DaemonSet of no nodes',
    is: 'Ready',
    object: workload('DaemonSet'),
    status: {
      ...seen,
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    },
  },
  {
    name: 'a DaemonSet with a node that is not updated',
    is: 'InProgress',
    object: workload('DaemonSet'),
    status: {
      ...seen,
      currentNumberScheduled: 2,
      numberMisscheduled: 0,
      desiredNumberScheduled: 2,
      updatedNumberScheduled: 1,
      numberReady: 2,
      numberAvailable: 2,
    },
  },
  {
    name: 'a ReplicaSet with all its pods',
    is: 'Ready',
    object: workload('ReplicaSet'),
    status: { ...seen, replicas: 1, fullyLabeledReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
  },
  {
    name: 'a ReplicaSet that can make no pods',
    is: 'InProgress',
    object: workload('ReplicaSet', { replicas: 0 }),
    status: { ...seen, replicas: 0, conditions: [condition('ReplicaFailure')] },
  },
];
