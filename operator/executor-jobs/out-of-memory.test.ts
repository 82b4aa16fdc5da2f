import { expect, test } from 'vitest';
import { TERMINAL_EXIT_CODES } from '#api/contract/report.ts';
import { ended, pod } from '#test/observed.ts';
import { attemptOf } from './attempt.ts';

const V8 = `
<--- Last few GCs --->
[1:0x7f]    9000 ms: Mark-Compact 509.8 (512.9) -> 509.1 (512.9) MB
FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----
 1: 0xe16044 node::OOMErrorHandler
`;
const terminated = (name: string, exitCode: number, reason: string, message: string) => ({
  name,
  state: { terminated: { exitCode, reason, message } },
});
const executor = (exitCode: number, reason: string, message: string) =>
  pod({ phase: 'Failed', containerStatuses: [terminated('executor', exitCode, reason, message)] });

test.for([
  ['ended by Node', executor(134, 'Error', V8), true, /memory while installing or verifying .*exit code 134/],
  ['ended by Node as process 1', executor(139, 'Error', V8), true, /exit code 139/],
  ['killed by the kernel', executor(137, 'OOMKilled', ''), false, /exit code 137/],
  [
    'ended in a step',
    executor(139, 'Error', `==> install: chart plugin web\n  $ helm\n==> verify: the command\n${V8}`),
    true,
    /in step verify \(the command\)/,
  ],
  [
    'ended while fetching',
    pod({
      phase: 'Pending',
      initContainerStatuses: [
        terminated('fetch', 139, 'Error', `==> fetch: chart from https://r.example\n${V8}`),
      ],
    }),
    true,
    /memory while fetching its sources, in step fetch \(chart from https:\/\/r\.example\)/,
  ],
] as const)(
  'an executor whose memory was used up, %s, has the reason OOMKilled',
  ([, given, final, message]) => {
    expect(attemptOf(given)).toMatchObject({
      kind: 'failed',
      final,
      mayPass: false,
      reason: 'OOMKilled',
      message: expect.stringMatching(message),
    });
  },
);

test('what the executor reports itself is believed, whatever its tail says of memory', () => {
  const report = { reason: 'RenderFailed', message: 'the chart says: heap out of memory' } as const;
  expect(attemptOf(pod(ended(20, report)))).toMatchObject({ reason: 'RenderFailed' });
});

test('how Node ends when its heap is used up is in the table of what is not tried again', () => {
  expect(TERMINAL_EXIT_CODES).toEqual(expect.arrayContaining([134, 139]));
});
