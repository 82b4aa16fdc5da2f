import { expect, test } from 'vitest';
import { pollInterval } from './poll-interval.ts';

test.each([
  ['something new', 0, 500],
  ['something stuck for a minute', 60_000, 500],
  ['something stuck for two minutes', 120_000, 6_500],
  ['something stuck for a day', 86_400_000, 30_000],
])('pollInterval suits %s', (_what, age, expected) => {
  expect(pollInterval(age, 500)).toBe(expected);
});
