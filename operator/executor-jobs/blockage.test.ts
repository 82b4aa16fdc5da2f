import { expect, test } from 'vitest';
import type { KubeEvent } from '#kube/event-recorder.ts';
import type { Pod } from '#kube/resources.ts';
import { job, pod, TIME } from '#test/observed.ts';
import { jobBlockage, lookAfterMs, podBlockage } from './blockage.ts';

const warning = (reason: string, message: string, lastTimestamp = TIME): KubeEvent => ({
  metadata: { name: 'e', namespace: 'demo', uid: 'e' },
  involvedObject: {},
  type: 'Warning',
  reason,
  message,
  lastTimestamp,
});
const waiting = (reason: string): Pod['status'] => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'executor', state: { waiting: { reason, message: `${reason}!` } } }],
});

test.for([
  ['pods "x" is forbidden: violates PodSecurity "restricted:latest": host path', 'PodSecurityViolation'],
  ['pods "x" is forbidden: exceeded quota: none, requested: pods=1', 'QuotaExceeded'],
  ['pods "x" is forbidden: failed quota: q: must specify limits.cpu', 'QuotaExceeded'],
  [
    'pods "x" is forbidden: maximum memory usage per Container is 1Mi, but limit is 1Gi',
    'LimitRangeViolation',
  ],
  ['something else', 'FailedCreate'],
] as const)('a Job without a pod because of "%s" is %s', ([message, reason]) => {
  expect(jobBlockage([warning('FailedCreate', message)])).toEqual({ reason, message });
});

test.for([
  ['an image that cannot be pulled', pod(waiting('ErrImagePull')), [], 'ImagePullBackOff'],
  [
    'a container whose configuration is wrong',
    pod(waiting('CreateContainerConfigError')),
    [],
    'CreateContainerConfigError',
  ],
  [
    'a pod that fits nowhere',
    pod({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
    }),
    [],
    'Unschedulable',
  ],
  [
    'a volume that cannot be mounted',
    pod(waiting('ContainerCreating')),
    [warning('FailedMount', 'no directory')],
    'FailedMount',
  ],
  [
    'the newest of several events',
    pod(),
    [
      warning('FailedScheduling', 'before', '2026-01-01T00:00:00Z'),
      warning('FailedMount', 'now', '2026-01-01T00:00:09Z'),
    ],
    'FailedMount',
  ],
] as const)('%s is told', ([, given, events, reason]) => {
  expect(podBlockage(given, events)?.reason).toBe(reason);
});

test('a pod that merely starts is no blockage', () => {
  expect(podBlockage(pod(waiting('ContainerCreating')), [])).toBeUndefined();
});

const after = (ms: number) => Date.parse(TIME) + ms;
test.for([
  ['a Job without a pod for 1 s is looked at in 3 s', undefined, 1_000, 3_000],
  ['a Job without a pod for a minute is looked at now', undefined, 60_000, 0],
  ['a new pod is looked at in 7 s', pod(), 0, 7_000],
  ['a pod that waits for 8 s is looked at now', pod(waiting('PodInitializing')), 8_000, 0],
  ['a pod whose image cannot be pulled is looked at now', pod(waiting('ImagePullBackOff')), 0, 0],
  ['a pod that runs is not looked at', pod({ phase: 'Running' }), 60_000, undefined],
] as const)('%s', ([, newest, sinceMs, expected]) => {
  expect(lookAfterMs(job(), newest, after(sinceMs))).toBe(expected);
});
