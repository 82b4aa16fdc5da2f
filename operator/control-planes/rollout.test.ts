import { expect, test } from 'vitest';
import type { Pod } from '#kube/resources.ts';
import { rolloutOf, type Workload, whyWaiting } from './rollout.ts';

const done = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
const workload = (status: Workload['status'] = {}, generation = 2): Workload => ({
  metadata: { name: 'demo-apiserver', generation },
  spec: { replicas: 2 },
  status: { ...done, ...status },
});

test.each<[string, Workload, string | undefined]>([
  ['is done', workload(), undefined],
  ['has not been seen yet', workload({ observedGeneration: 1 }), '2 of 2'],
  ['has pods of the old kind left', workload({ replicas: 3 }), '2 of 2'],
  ['has new pods that do not answer yet', workload({ availableReplicas: 1 }), '1 of 2'],
  [
    'is the first, which is no change',
    workload({ observedGeneration: 0, availableReplicas: 0 }, 1),
    undefined,
  ],
])('a rollout that %s', (_what, one, expected) => {
  const found = rolloutOf([one]);
  if (expected) expect(found?.message).toContain(expected);
  else expect(found).toBeUndefined();
});

const pod = (status: Pod['status']): Pod => ({
  metadata: { namespace: 'demo', name: 'demo-etcd-0', uid: 'u' },
  ...(status && { status }),
});
const waits = (reason: string) =>
  pod({ containerStatuses: [{ name: 'etcd', state: { waiting: { reason } } }] });
const replicaFailure = workload({
  conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'quota' }],
});

test.each<[string, Workload[], Pod[], string, string]>([
  ['comes up', [workload()], [waits('ContainerCreating')], 'ControlPlaneStarting', 'does not answer yet'],
  ['has no pods yet', [], [], 'ControlPlaneStarting', 'starting'],
  ['may not make pods', [replicaFailure], [], 'ControlPlaneBlocked', 'demo-apiserver: quota'],
  ['can’t pull an image', [], [waits('ImagePullBackOff')], 'ControlPlaneBlocked', 'ImagePullBackOff'],
  [
    'has no room',
    [],
    [pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: 'no room' }] })],
    'ControlPlaneUnschedulable',
    'no room',
  ],
])('a control plane that %s says so', (_what, workloads, pods, reason, message) => {
  const found = whyWaiting(workloads, pods);
  expect(found.reason).toBe(reason);
  expect(found.message).toContain(message);
});
