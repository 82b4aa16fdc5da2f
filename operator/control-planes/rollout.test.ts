import { expect, test } from 'vitest';
import type { Pod } from '#kube/resources.ts';
import { rolloutOf, type Workload, whyWaiting } from './rollout.ts';

const done = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
const workload = (status: Workload['status'] = {}, generation = 2): Workload => ({
  metadata: { namespace: 'demo', name: 'demo-apiserver', uid: 'u', generation },
  spec: { replicas: 2 },
  status: { ...done, ...status },
});

test.each<[string, Workload, string | undefined]>([
  ['ignores a complete rollout', workload(), undefined],
  [
    'reports a rollout that the controller has not observed yet',
    workload({ observedGeneration: 1 }),
    '2 of 2',
  ],
  ['reports a rollout with old pods left', workload({ replicas: 3 }), '2 of 2'],
  ['reports a rollout with new pods that are not available', workload({ availableReplicas: 1 }), '1 of 2'],
  [
    'ignores the first rollout of a workload',
    workload({ observedGeneration: 0, availableReplicas: 0 }, 1),
    undefined,
  ],
])('rolloutOf %s', (_sentence, rollout, expected) => {
  const problem = rolloutOf([rollout]);
  if (expected) expect(problem?.message).toContain(expected);
  else expect(problem).toBeUndefined();
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

test('whyWaiting explains a StatefulSet whose pod is refused, which has no condition for it', () => {
  const etcd: Workload = {
    ...workload({ replicas: 0 }),
    metadata: { ...workload().metadata, name: 'demo-etcd' },
  };
  const refused = 'pods "demo-etcd-0" is forbidden: failed quota: team: must specify limits.cpu for: etcd';
  expect(whyWaiting([etcd], [], new Map([['demo-etcd', refused]]))).toEqual({
    reason: 'ControlPlaneBlocked',
    message: expect.stringMatching(
      /^demo-etcd: a quota .* controlPlane\.resources\.limits\.cpu in ConfigMap/,
    ),
  });
});

test('a rollout whose pods are refused says so', () => {
  const blocked = workload({ ...replicaFailure.status, updatedReplicas: 0 });
  expect(rolloutOf([blocked])).toEqual({ reason: 'ControlPlaneBlocked', message: 'demo-apiserver: quota' });
});

test.each<[string, Workload[], Pod[], string, string]>([
  ['is starting', [workload()], [waits('ContainerCreating')], 'ControlPlaneStarting', 'does not answer yet'],
  ['has no pods yet', [], [], 'ControlPlaneStarting', 'starting'],
  ['is not allowed to create pods', [replicaFailure], [], 'ControlPlaneBlocked', 'demo-apiserver: quota'],
  ['can’t pull an image', [], [waits('ImagePullBackOff')], 'ControlPlaneBlocked', 'ImagePullBackOff'],
  [
    'has an etcd whose volume is full',
    [],
    [
      pod({
        containerStatuses: [
          {
            name: 'etcd',
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
            lastState: { terminated: { exitCode: 1, message: 'starting\nwal: no space left on device\n' } },
          },
        ],
      }),
    ],
    'ControlPlaneBlocked',
    'container etcd in pod demo-etcd-0 does not start: CrashLoopBackOff: back-off 10s; its last words: wal: no space left on device',
  ],
  [
    'is not allowed by an admission policy to create pods',
    [
      workload({
        conditions: [
          {
            type: 'ReplicaFailure',
            status: 'True',
            message:
              "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no team",
          },
        ],
      }),
    ],
    [],
    'ControlPlaneBlocked',
    'demo-apiserver: an admission policy refuses control plane pods',
  ],
  [
    'fits on no host node',
    [],
    [pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: 'no room' }] })],
    'ControlPlaneUnschedulable',
    'no room',
  ],
])('whyWaiting explains a control plane that %s', (_what, workloads, pods, reason, message) => {
  const problem = whyWaiting(workloads, pods);
  expect(problem.reason).toBe(reason);
  expect(problem.message).toContain(message);
});
