import { expect, test } from 'vitest';
import { ended, pod } from '#test/observed.ts';
import { attemptOf } from './attempt.ts';

const fetchEnded = (exitCode: number) => ({
  phase: 'Pending' as const,
  initContainerStatuses: [{ name: 'fetch', state: { terminated: { exitCode, reason: 'Error' } } }],
});

test.for([
  ['a new pod', pod(), { kind: 'starting' }],
  ['a fetch that has succeeded, which is not the end,', pod(fetchEnded(0)), { kind: 'starting' }],
  ['a fetch that failed', pod(fetchEnded(12)), { kind: 'failed', final: true, reason: 'Error' }],
  [
    'an executor that runs',
    pod({ phase: 'Running', containerStatuses: [{ name: 'executor', state: { running: {} } }] }),
    { kind: 'running', step: 'install' },
  ],
  ['an exit of 0 without a report', pod(ended(0)), { kind: 'succeeded' }],
  [
    'an exit code that is retryable',
    pod(ended(32, { reason: 'TargetUnreachable' })),
    { kind: 'failed', final: false },
  ],
  [
    'an exit code that is terminal',
    pod(ended(20, { reason: 'RenderFailed' })),
    { kind: 'failed', final: true },
  ],
  ['an exit code that is not in the table', pod(ended(137)), { kind: 'failed', final: false }],
  [
    'a pod that was evicted',
    pod({ phase: 'Failed', reason: 'Evicted', message: 'disk' }),
    { kind: 'failed', reason: 'Evicted', final: false },
  ],
  [
    'a container that is not ours and has failed',
    pod({
      phase: 'Running',
      containerStatuses: [{ name: 'sidecar', state: { terminated: { exitCode: 1 } } }],
    }),
    { kind: 'starting' },
  ],
] as const)('attemptOf reads %s', ([, given, expected]) => {
  expect(attemptOf(given)).toMatchObject(expected);
});

test('attemptOf cuts a long message to leave room for the last lines of the output', () => {
  const attempt = attemptOf(
    pod(ended(41, { reason: 'VerifyTimeout', message: 'x'.repeat(900) }, `${'y'.repeat(900)}\nthe end`)),
  );
  expect(attempt).toMatchObject({ kind: 'failed' });
  if (attempt.kind !== 'failed') return;
  expect(Buffer.byteLength(attempt.message)).toBeLessThanOrEqual(1024);
  expect(attempt.message).toMatch(/^x+\n… y+\nthe end$/);
});
