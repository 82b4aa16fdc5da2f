import { expect, test } from 'vitest';
import type { RetryRecord } from '#api/kinds/plugininstallation.ts';
import { afterFailure, describeRetry, retryRecordOf, startOf, timeLeft } from './retry.ts';

const START = '2026-01-01T00:00:00Z';
const at = (seconds: number) => Date.parse(START) + seconds * 1_000;
const HALF_HOUR = 1_800_000;

const record = (over: Partial<RetryRecord> = {}): RetryRecord => ({
  digest: 'd',
  jobs: 1,
  attempts: 5,
  startTime: START,
  nextTime: new Date(at(200)).toISOString(),
  reason: 'TargetUnreachable',
  message: 'no answer',
  ...over,
});

test.each([
  ['at its start', 0, HALF_HOUR, HALF_HOUR],
  ['in its middle', 600, HALF_HOUR, 1_200_000],
  ['ten seconds before its end', 1_790, HALF_HOUR, 10_000],
  ['when less than ten seconds are left', 1_791, HALF_HOUR, 0],
  ['after its end', 1_900, HALF_HOUR, 0],
  ['in the first half of a timeout of 12 s', 5, 12_000, 7_000],
  ['in the second half of a timeout of 12 s', 7, 12_000, 0],
] as const)('timeLeft of an install %s', (_, seconds, timeoutMs, expected) => {
  expect(timeLeft(START, timeoutMs, at(seconds))).toBe(expected);
});

test.each([
  ['the first failure', undefined, 100, 5],
  ['the second', record(), 200, 10],
  ['the tenth, at most a minute', record({ jobs: 9 }), 900, 60],
  ['the first after the time, one minute', undefined, 1_800, 60],
  ['the fifth, five minutes after the time', record({ jobs: 4 }), 1_800, 300],
  ['the hundredth after the time, at most half an hour', record({ jobs: 99 }), 5_000, 1_800],
] as const)('after %s the next Job follows with a growing pause', (_, before, seconds, pause) => {
  const outcome = { reason: 'TargetUnreachable', message: 'no answer' };
  const next = afterFailure({
    key: 'd',
    before,
    outcome,
    startTime: START,
    attempts: 5,
    timeoutMs: HALF_HOUR,
    now: at(seconds),
  });
  expect(Date.parse(next.nextTime) - at(seconds)).toBe(pause * 1_000);
  expect(next.jobs).toBe((before?.jobs ?? 0) + 1);
});

test('a record of another content counts for nothing', () => {
  expect(retryRecordOf({ retry: record() }, 'd')).toEqual(record());
  expect(retryRecordOf({ retry: record() }, 'other')).toBeUndefined();
  expect(retryRecordOf({}, 'd')).toBeUndefined();
});

test('the time counts from the first Job of a row, and anew once it was over', () => {
  const later = (seconds: number) => new Date(at(seconds)).toISOString();
  expect(startOf(later(300), undefined, HALF_HOUR)).toBe(later(300));
  expect(startOf(later(300), record(), HALF_HOUR)).toBe(START);
  expect(startOf(later(2_000), record(), HALF_HOUR)).toBe(later(2_000));
});

test.each([
  ['while there is time', 100, undefined, 'Installing', /^attempt 5 failed, retrying: no answer$/],
  [
    'when it is over',
    1_900,
    undefined,
    'Failed',
    /^no answer\. spec\.timeout \(1800 s\) is over; .* at 2026-/,
  ],
  ['while the target is away', 1_900, { reason: 'TargetUnreachable' }, 'Failed', /once this has passed$/],
  ['while something else holds it', 1_900, { reason: 'Suspended' }, 'Failed', /once Suspended has passed$/],
] as const)('describeRetry says what comes next %s', (_, seconds, hold, phase, message) => {
  const said = describeRetry(record(), { timeoutMs: HALF_HOUR, now: at(seconds), hold });
  expect(said).toMatchObject({ phase, reason: 'TargetUnreachable' });
  expect(said.message).toMatch(message);
});

test('output that follows a message stays below what is said of the retry', () => {
  const said = describeRetry(record({ message: 'no answer\n  | last line' }), {
    timeoutMs: HALF_HOUR,
    now: at(1_900),
  });
  expect(said.message.split('\n')).toEqual([expect.stringContaining('is over'), '  | last line']);
});
