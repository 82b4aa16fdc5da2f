import { expect, test } from 'vitest';
import { limitsFor } from './cgroups.ts';

const capacity = { cpuMillis: 1500, memoryBytes: 2 ** 30 };

test.for<[string, boolean, Record<string, string>]>([
  ['on cgroup v2', true, { 'cpu.max': '150000 100000', 'memory.max': '1073741824' }],
  [
    'on cgroup v1',
    false,
    {
      'cpu.cfs_period_us': '100000',
      'cpu.cfs_quota_us': '150000',
      'memory.limit_in_bytes': '1073741824',
    },
  ],
])('limitsFor limits the pods to the size %s', ([, unified, limits]) => {
  expect(limitsFor({ capacity }, unified)).toEqual(limits);
});

test('limitsFor sets no limits without a size', () => {
  expect(limitsFor({}, false)).toEqual({});
});
