import { errorText } from '../../command/error-text.ts';
import { offlineBut } from '../../command/offline.ts';
import { Failure } from '../../failure.ts';
import type { DeployContext } from '../context.ts';
import { classifyHelmError } from './errors.ts';

/** Time for Helm to say why something is not ready, on a machine that is busy. */
const REASON_MS = 10_000;

/** One installation fits into this, so that Go collects no garbage before it ends; a huge chart is collected as usual. */
const GO_MEMORY = { GOGC: 'off', GOMEMLIMIT: '256MiB' };

/**
 * Runs helm against the target. What it prints waits for its end: `learn` then finds out what of it is secret.
 * @returns its output @throws Failure with helm's error
 */
export async function runHelm(
  context: DeployContext,
  args: string[],
  learn: (output: string) => Promise<boolean>,
): Promise<string> {
  const argv: [string, ...string[]] = ['helm', ...args];
  context.log.command(argv);
  // Helm's own --timeout is for each operation, and begins once it has rendered; this deadline is for all of them.
  const outcome = await context.run({
    argv,
    env: { ...context.env, ...offlineBut(context.server), ...GO_MEMORY },
    cwd: context.config.scratch,
    timeoutMs: context.remaining() + REASON_MS,
    abort: context.abort,
    learn,
  });
  if (outcome.ok) return outcome.stdout;
  const error = errorText(outcome.stderr) || '(no error output)';
  if (outcome.ended === 'aborted') throw new Failure('Terminated', 'terminated while helm was running');
  const reason = outcome.ended === 'timeout' ? 'InstallTimeout' : classifyHelmError(outcome.stderr);
  if (/failing loading "https?:/.test(error)) {
    throw new Failure(
      reason,
      `helm: ${error}. A values.schema.json refers to another host, and nothing is downloaded while installing: put that schema into the chart`,
    );
  }
  throw new Failure(
    reason,
    reason === 'InstallTimeout'
      ? `not ready within ${Math.round(context.order.timeoutMs / 1000)} s: ${error}. Look at what is not ready, or raise spec.timeout`
      : `helm: ${error}`,
  );
}
