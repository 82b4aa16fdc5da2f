import { expect, test } from 'vitest';
import type { VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import { FakeClock } from '#test/fake-clock.ts';
import { TIME } from '#test/observed.ts';
import { isOnlyProgress, Pace } from './pace.ts';

const condition = { type: 'Ready', status: 'False', reason: 'Installing', lastTransitionTime: TIME } as const;
const one: VirtualClusterStatus = {
  phase: 'AllNodeReady',
  reason: 'Installing',
  pluginsReady: '1/2',
  plugins: [{ name: 'web', phase: 'Installing' }],
  conditions: [{ ...condition, message: 'web is being installed' }],
};
const two: VirtualClusterStatus = {
  ...one,
  reason: 'WaitingForDependency',
  pluginsReady: '2/2',
  plugins: [{ name: 'web', phase: 'Installed' }],
  conditions: [{ ...condition, message: 'dns waits for web' }],
};

test.each<[string, VirtualClusterStatus | undefined, VirtualClusterStatus, boolean]>([
  ['a first status', undefined, one, false],
  ['another plugin installed', one, two, true],
  ['another phase', one, { ...two, phase: 'Completed' }, false],
  [
    'a condition that holds now',
    one,
    { ...two, conditions: [{ ...condition, message: '', status: 'True' }] },
    false,
  ],
  ['a newer generation', one, { ...two, observedGeneration: 2 }, false],
  ['another node', one, { ...two, nodesReady: '1/1' }, false],
])('isOnlyProgress of %s', (_what, before, after, expected) => {
  expect(isOnlyProgress(before, after)).toBe(expected);
});

test('Pace lets progress be written once a second, and everything else at once', async () => {
  const clock = new FakeClock();
  const pace = new Pace(clock);
  expect(pace.waitMs('uid', one, two)).toBe(0);
  pace.wrote('uid');
  await clock.advance(300);
  expect(pace.waitMs('uid', one, two)).toBe(700);
  expect(pace.waitMs('uid', one, { ...two, phase: 'Completed' })).toBe(0);
  expect(pace.waitMs('other', one, two)).toBe(0);
  await clock.advance(700);
  expect(pace.waitMs('uid', one, two)).toBe(0);
});
