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
  ['boots a cluster again whose settings or programs changed', { outdated: true }, 'clean-and-boot'],
  ['keeps a cluster that is healthy', {}, 'keep'],
  ['finishes a cluster whose last steps were cut off', { finished: false }, 'finish'],
  [
    'boots a cluster again that lacks a machine',
    { running: ['control-plane'], healthy: false },
    'clean-and-boot',
  ],
  ['boots a cluster again whose machines run but which is not healthy', { healthy: false }, 'clean-and-boot'],
  ['removes namespaces without machines before it boots', { running: [], healthy: false }, 'clean-and-boot'],
  ['boots on an empty host', { running: [], healthy: false, leftovers: false, finished: false }, 'boot'],
  [
    'boots when no machine runs, although the last run finished',
    { running: [], healthy: false, leftovers: false },
    'boot',
  ],
])('planRecovery %s', (_, change, plan) => {
  expect(planRecovery({ ...working, ...change }, machines)).toBe(plan);
});
