import { expect, test } from 'vitest';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import { TIME } from '#test/observed.ts';
import { stepDelayMs } from './step-delay.ts';

const started = {
  phase: 'Installing',
  action: 'install',
  reason: 'PodStarting',
  message: 'the executor pod is starting',
  job: 'demo/job-1',
  attempts: 0,
  startTime: TIME,
  observedGeneration: 1,
} as const satisfies PluginInstallationStatus;
const installing = { ...started, reason: 'Installing', message: 'the executor is installing', attempts: 1 };
const at = (seconds: number) => Date.parse(TIME) + seconds * 1000;

test.each<[string, PluginInstallationStatus | undefined, PluginInstallationStatus, number]>([
  ['the first status', undefined, started, 0],
  ['the next step', started, installing, 7_000],
  ['one more pod', started, { ...started, attempts: 1 }, 7_000],
  ['a pod that cannot start', started, { ...started, phase: 'Pending', reason: 'ImagePullBackOff' }, 0],
  ['a failed attempt', installing, { ...installing, reason: 'TargetUnreachable' }, 0],
  ['the attempt after a failed one', { ...started, reason: 'TargetUnreachable' }, installing, 0],
  ['a success', installing, { ...installing, phase: 'Installed', reason: 'Installed' }, 0],
  ['a failure', installing, { ...installing, phase: 'Failed', reason: 'RenderFailed' }, 0],
  ['a step of another Job', started, { ...installing, job: 'demo/job-2' }, 0],
  ['a step under a newer spec', started, { ...installing, observedGeneration: 2 }, 0],
])('stepDelayMs, three seconds after the start of the Job, of %s', (_what, before, after, delayMs) => {
  expect(stepDelayMs(before, after, at(3))).toBe(delayMs);
});

test.each([
  ['old enough', at(10)],
  ['from a clock that is ahead', at(-60)],
])('stepDelayMs lets the step of a Job be written that is %s', (_what, now) => {
  expect(stepDelayMs(started, installing, now)).toBe(0);
});
