import { expect, test } from 'vitest';
import { type Observed, planRecovery, type RecoveryPlan } from './recovery.ts';

const machines = ['control-plane', 'worker-1', 'worker-2', 'worker-3'];
const working: Observed = {
  running: machines,
  leftovers: true,
  healthy: true,
  outdated: false,
  finished: true,
};

test.each<[string, Partial<Observed>, RecoveryPlan]>([
  ['one whose settings or programs changed is booted afresh', { outdated: true }, 'clean-and-boot'],
  ['a cluster that works is kept', {}, 'keep'],
  ['one whose last steps were cut off gets them again', { finished: false }, 'finish'],
  [
    'one that lacks a machine is booted afresh',
    { running: ['control-plane'], healthy: false },
    'clean-and-boot',
  ],
  ['one whose machines run but which is not healthy is booted afresh', { healthy: false }, 'clean-and-boot'],
  ['namespaces without machines are cleaned away', { running: [], healthy: false }, 'clean-and-boot'],
  ['an empty host is booted on', { running: [], healthy: false, leftovers: false, finished: false }, 'boot'],
  [
    'a claim to have finished counts for nothing without machines',
    { running: [], healthy: false, leftovers: false },
    'boot',
  ],
])('%s', (_, change, plan) => {
  expect(planRecovery({ ...working, ...change }, machines)).toBe(plan);
});
