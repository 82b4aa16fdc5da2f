import type { Outcome, Run } from '../command/run.ts';
import { Failure } from '../failure.ts';
import { formatMilliseconds, type Log } from '../log/log.ts';

type Deps = {
  run: Run;
  log: Log;
  now: () => number;
  sleep: (ms: number, abort: AbortSignal) => Promise<void>;
};

/** Bytes of the command's last output in the report: it must leave room for the sentence around it. */
const OUTPUT_IN_REPORT = 600;

/**
 * Runs the plugin's own command until it exits 0: again after one second at first, after five at most.
 * This is the one shell line of Pinion, because its author wrote it as one.
 * @throws Failure `VerifyTimeout` with the command's last output; `Terminated`
 */
export async function verify(
  deps: Deps,
  of: {
    command: string;
    timeoutMs: number;
    env: Record<string, string>;
    cwd: string;
    abort: AbortSignal;
    /** Adds to the redactor what the command may have printed. */
    learn?: () => Promise<void>;
  },
): Promise<void> {
  const { run, log, now, sleep } = deps;
  const end = now() + of.timeoutMs;
  let shown: string | undefined;
  let last: Outcome | undefined;
  log.command(['/bin/sh', '-c', of.command]);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await run({
      argv: ['/bin/sh', '-c', of.command],
      env: of.env,
      cwd: of.cwd,
      timeoutMs: Math.max(end - now(), 1),
      abort: of.abort,
      quiet: true,
      learn: async (output) => {
        if (output !== '') await of.learn?.();
        return true;
      },
    });
    if (of.abort.aborted) throw new Failure('Terminated', 'terminated while the success command was running');
    const said = `${outcome.output}exit ${describeExit(outcome)}`;
    if (said !== shown) for (const line of said.split('\n')) log.output(line);
    shown = said;
    if (outcome.ok) {
      log.note(`the command succeeded on try ${attempt}`);
      return;
    }
    // The try that the deadline cut off may have had no time to say anything.
    if (last === undefined || outcome.ended === undefined || outcome.output !== '') last = outcome;
    const pause = Math.min(1000 * 1.5 ** (attempt - 1), 5000);
    if (now() + pause >= end) throw timeout(last, attempt, of.timeoutMs);
    await sleep(pause, of.abort);
  }
}

const describeExit = ({ code, signal, ended }: Outcome) =>
  ended === 'timeout' ? 'forced at the deadline' : (code ?? signal ?? 'unknown');

function timeout(last: Outcome, attempts: number, timeoutMs: number): Failure {
  const text = last.output.trim();
  const tail = Buffer.from(text)
    .subarray(-OUTPUT_IN_REPORT)
    .toString('utf8')
    .replace(/^\uFFFD+/, '');
  const said = text === '' ? 'It printed nothing.' : `It printed: ${tail}`;
  return new Failure(
    'VerifyTimeout',
    `successStateCommand did not exit 0 within ${formatMilliseconds(timeoutMs)} (${attempts} tries, last exit ${describeExit(last)}). ${said}`,
  );
}
