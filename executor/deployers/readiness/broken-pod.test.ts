import { expect, test } from 'vitest';
import { type BrokenPod, brokenPod, troubleOf } from './broken-pod.ts';
import { selectorOf } from './explain.ts';
import type { LiveObject } from './readiness.ts';

const pod = (
  status: BrokenPod['status'],
  name = 'web-1',
  creationTimestamp = '2026-01-01T00:00:00Z',
): BrokenPod => ({
  metadata: { name, creationTimestamp },
  ...(status ? { status } : {}),
});
const container = (fields: object) => ({ phase: 'Running', containerStatuses: [{ name: 'app', ...fields }] });

test.for([
  [
    'an image that cannot be pulled',
    container({ state: { waiting: { reason: 'ErrImagePull', message: 'not found: a:b' } } }),
    'container app is in ImagePullBackOff: not found: a:b',
  ],
  [
    'a container that crashes',
    container({
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    }),
    'container app is in CrashLoopBackOff, last exit code 3',
  ],
  [
    'a container that takes too much memory and runs again',
    container({
      ready: false,
      state: { running: {} },
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    }),
    'container app ended, last exit code 137 (OOMKilled)',
  ],
  [
    'an init container that failed',
    { phase: 'Pending', initContainerStatuses: [{ name: 'init', state: { terminated: { exitCode: 2 } } }] },
    'container init ended, last exit code 2',
  ],
  [
    'a pod that fits no node',
    {
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available',
        },
      ],
    },
    'Unschedulable: 0/3 nodes are available',
  ],
  [
    'a container that is being created',
    container({ state: { waiting: { reason: 'ContainerCreating' } } }),
    undefined,
  ],
  ['a container that ended well', container({ state: { terminated: { exitCode: 0 } } }), undefined],
  ['a pod without a status', undefined, undefined],
] as const)('the trouble of %s', ([, status, expected]) => {
  expect(troubleOf(pod(status as BrokenPod['status']))).toBe(expected);
});

test('the pod whose status says what is wrong is named, else the newest one', () => {
  const quiet = pod({ phase: 'Running' }, 'quiet', '2026-01-03T00:00:00Z');
  const old = pod({ phase: 'Running' }, 'old');
  const broken = pod(container({ state: { waiting: { reason: 'CreateContainerConfigError' } } }), 'broken');
  expect(brokenPod([quiet, broken])?.metadata.name).toBe('broken');
  expect(brokenPod([old, quiet])?.metadata.name).toBe('quiet');
});

test('pods that are Ready, have ended or are being deleted are not named', () => {
  const going = pod(undefined);
  going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  const done = pod({ phase: 'Succeeded' });
  const fine = pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
  expect(brokenPod([going, done, fine])).toBeUndefined();
});

test.for([
  ['Deployment', { matchLabels: { a: 'b', c: 'd' } }, 'a=b,c=d'],
  [
    'DaemonSet',
    {
      matchExpressions: [
        { key: 'a', operator: 'In', values: ['b', 'c'] },
        { key: 'd', operator: 'NotIn', values: ['e'] },
        { key: 'f', operator: 'Exists' },
        { key: 'g', operator: 'DoesNotExist' },
      ],
    },
    'a in (b,c),d notin (e),f,!g',
  ],
  ['ReplicationController', { a: 'b' }, 'a=b'],
  ['PersistentVolumeClaim', { matchLabels: { a: 'b' } }, undefined],
] as const)('the selector of the pods of a %s is read', ([kind, selector, expected]) => {
  expect(selectorOf({ kind, spec: { selector } } as unknown as LiveObject)).toBe(expected);
});
