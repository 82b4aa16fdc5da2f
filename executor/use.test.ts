import { expect, test } from 'vitest';
import { describeUse } from './use.ts';

const files: Record<string, string> = {
  stat: `7 (a (b) c) R 1 7 7 0 -1 4194560 1 2 3 4 21 10 30 5 20 0 11 0 99 1 2`,
  status: 'Name:\tnode\nVmPeak:\t 900000 kB\nVmHWM:\t   98304 kB\n',
};

test('CPU of the program and of its tools, and the peak of its memory, are told in one line', () => {
  expect(describeUse((name) => files[name] ?? '')).toBe(
    'used 0.31 s of CPU and at most 96 MiB; its tools 0.35 s of CPU',
  );
});

test.each([
  [
    'is not there',
    () => {
      throw new Error('ENOENT');
    },
  ],
  ['says something else', () => 'nothing'],
] as [string, () => string][])('where /proc %s nothing is told', (_, read) => {
  expect(describeUse(read)).toBeUndefined();
});
