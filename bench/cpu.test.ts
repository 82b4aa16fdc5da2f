import { expect, test } from 'vitest';
import { partsOf } from './cpu.ts';
import { parseUse } from './executor-logs.ts';

test('an executor says what it used in the last lines of its log', () => {
  const log =
    '==> install\n    used 0.31 s of CPU and at most 96 MiB; its tools 0.35 s of CPU\nSucceeded: done\n';
  expect(parseUse(log)).toEqual({ seconds: 0.31, mebibytes: 96, toolSeconds: 0.35 });
  expect(parseUse('Succeeded: done\n')).toBeUndefined();
});

test('every second is counted in one part', () => {
  const before = {
    total: 100,
    services: new Map([['kubelet', 10]]),
    allPods: 50,
    pods: new Map([['op', 5]]),
  };
  const after = {
    total: 120,
    services: new Map([['kubelet', 13]]),
    allPods: 60,
    pods: new Map([
      ['op', 6],
      ['web', 1],
      ['ended', 2],
    ]),
  };
  const partOf = new Map([
    ['op', 'operator'],
    ['web', 'pods of the plugins'],
    ['ended', 'executors'],
  ]);
  const parts = partsOf(before, after, partOf, [{ seconds: 2, toolSeconds: 3, mebibytes: 90 }]);
  expect(parts).toEqual({
    operator: 1,
    'pods of the plugins': 1,
    kubelet: 3,
    "executors: Pinion's program (node)": 2,
    'executors: helm': 3,
    'executors: start of their containers': 3,
    'runc, shims that ended, systemd': 7,
  });
  expect(Object.values(parts).reduce((sum, one) => sum + one)).toBe(20);
});
