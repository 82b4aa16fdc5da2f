import { expect, test } from 'vitest';
import {
  jobBlockage,
  lookAfterMs,
  podBlockage,
  refusalReason,
  type StartingPod,
  unscheduledProblem,
  type WarningEvent,
  waitingContainer,
} from './pod-start.ts';

const TIME = '2026-01-01T00:00:00Z';
const job = { metadata: { creationTimestamp: TIME } };
const pod = (status: StartingPod['status'] = { phase: 'Pending' }): StartingPod => ({
  metadata: { creationTimestamp: TIME },
  status,
});

const warning = (reason: string, message: string, lastTimestamp = TIME): WarningEvent => ({
  metadata: {},
  type: 'Warning',
  reason,
  message,
  lastTimestamp,
});
const waiting = (reason: string): StartingPod['status'] => ({
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
  [
    `pods "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no team`,
    'AdmissionRefused',
  ],
  ['admission webhook "w.example.com" denied the request: no team', 'AdmissionRefused'],
  ['something else', 'FailedCreate'],
] as const)('jobBlockage finds in "%s" the reason %s', ([message, reason]) => {
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
] as const)('podBlockage reports %s', ([, starting, events, reason]) => {
  expect(podBlockage(starting, events)?.reason).toBe(reason);
});

test('podBlockage finds nothing for a pod whose container is being created', () => {
  expect(podBlockage(pod(waiting('ContainerCreating')), [])).toBeUndefined();
});

const after = (ms: number) => Date.parse(TIME) + ms;
test.for([
  ['has 3 s left for a Job that has had no pod for 1 s', undefined, 1_000, 3_000],
  ['is now for a Job that has had no pod for a minute', undefined, 60_000, 0],
  ['has 7 s left for a new pod', pod(), 0, 7_000],
  ['is now for a pod that has been waiting for 8 s', pod(waiting('PodInitializing')), 8_000, 0],
  ['is now for a pod whose image cannot be pulled', pod(waiting('ImagePullBackOff')), 0, 0],
  ['is never for a pod that runs', pod({ phase: 'Running' }), 60_000, undefined],
] as const)('lookAfterMs %s', ([, newest, sinceMs, expected]) => {
  expect(lookAfterMs(job, newest, after(sinceMs))).toBe(expected);
});

test.for([
  [
    'an init container that cannot start',
    { initContainerStatuses: [{ name: 'fetch', state: { waiting: { reason: 'CreateContainerError' } } }] },
    'fetch',
  ],
  ['a container that crashes again and again', waiting('CrashLoopBackOff'), 'executor'],
  ['no container that is being created', waiting('ContainerCreating'), undefined],
  [
    'no container that runs',
    { containerStatuses: [{ name: 'executor', state: { running: {} } }] },
    undefined,
  ],
] as const)('waitingContainer finds %s', ([, status, name]) => {
  expect(waitingContainer(pod(status as StartingPod['status']))?.name).toBe(name);
});

test.for([
  [
    'what the scheduler says',
    { status: 'False', reason: 'SchedulingGated', message: 'gated' },
    { reason: 'SchedulingGated', message: 'gated' },
  ],
  [
    'a default where the scheduler gives no words',
    { status: 'False' },
    { reason: 'Unschedulable', message: 'no node fits' },
  ],
  ['nothing for a pod that has a node', { status: 'True' }, undefined],
] as const)('unscheduledProblem returns %s', ([, condition, expected]) => {
  expect(unscheduledProblem(pod({ conditions: [{ type: 'PodScheduled', ...condition }] }))).toEqual(expected);
});

test('refusalReason knows nothing about other messages', () => {
  expect(refusalReason('pods "x" is forbidden: no PriorityClass')).toBeUndefined();
});
