import { expect, test } from 'vitest';
import { lookAgainMs } from './poll-interval.ts';

test.each([
  ['what has just begun', 0, 500],
  ['what takes a minute', 60_000, 500],
  ['what takes two', 120_000, 6_500],
  ['what nobody mends', 86_400_000, 30_000],
])('%s is looked at again after a while that suits it', (_what, age, expected) => {
  expect(lookAgainMs(age, 500)).toBe(expected);
});
