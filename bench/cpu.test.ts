import { expect, test } from 'vitest';
import { partsOf, partsTable } from './cpu.ts';
import { parseUse } from './executor-logs.ts';

test('parseUse reads what an executor used from the last lines of its log', () => {
  const log =
    '==> install\n    used 0.31 s of CPU and at most 96 MiB; its tools 0.35 s of CPU\nSucceeded: done\n';
  expect(parseUse(log)).toEqual({ seconds: 0.31, mebibytes: 96, toolSeconds: 0.35 });
  expect(parseUse('Succeeded: done\n')).toBeUndefined();
});

const before = {
  total: 100,
  services: new Map([['kubelet', 10]]),
  allPods: 50,
  pods: new Map([['op', 5]]),
};
const after = {
  total: 124,
  services: new Map([['kubelet', 13]]),
  allPods: 64,
  pods: new Map([
    ['op', 6],
    ['web', 1],
    ['ended', 2],
    ['unrelated', 4],
  ]),
};
const partOf = new Map([
  ['op', 'operator'],
  ['web', 'pods of the plugins'],
  ['ended', 'pods of the Jobs'],
  ['unrelated', 'other pods'],
]);

test('partsOf counts every second of an install in one part, and none of unrelated pods', () => {
  const parts = partsOf(before, after, partOf, [{ seconds: 2, toolSeconds: 3, mebibytes: 90 }]);
  expect(parts).toEqual({
    operator: 1,
    'pods of the plugins': 1,
    kubelet: 3,
    "executor: Pinion's program (node)": 2,
    'executor: helm': 3,
    'start of the containers of Jobs': 3,
    'runc, shims that ended, systemd': 7,
  });
  expect(Object.values(parts).reduce((sum, seconds) => sum + seconds)).toBe(20);
});

test('partsOf names no executor when there was none', () => {
  expect(partsOf(before, after, partOf, [])).toEqual({
    operator: 1,
    'pods of the plugins': 1,
    kubelet: 3,
    'start of the containers of Jobs': 8,
    'runc, shims that ended, systemd': 7,
  });
});

test('partsTable puts what an install adds to an empty Job first, and leaves out what is too small', () => {
  const table = partsTable({ kubelet: 0.1, 'API server': 0.3, scheduler: 0.001 }, { kubelet: 0.08 });
  expect(table.split('\n').slice(2)).toEqual([
    '| API server | 300 |  | 300 |',
    '| kubelet | 100 | 80 | 20 |',
    '| all | 401 | 80 | 321 |',
  ]);
});
