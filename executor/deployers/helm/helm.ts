import { requireMemory } from '../../command/memory.ts';
import { offlineBut } from '../../command/offline.ts';
import { Failure } from '../../failure.ts';
import type { DeployContext } from '../context.ts';
import { explainHelmError, type HelmError } from './errors.ts';

/** Time for Helm to say why something is not ready, on a machine that is busy. */
const REASON_MS = 10_000;

/** One installation fits into this, so that Go collects no garbage before it ends; a huge chart is collected as usual. */
const GO_MEMORY = { GOGC: 'off', GOMEMLIMIT: '256MiB' };

/** Helm's own failure, with what may be done about it. */
export class HelmFailure extends Failure {
  readonly error: HelmError;
  constructor(error: HelmError, message = error.message) {
    super(error.reason, message);
    this.error = error;
  }
}

/**
 * Runs helm against the target. What it prints waits for its end: `learn` then finds out what of it is secret.
 * @returns its output @throws HelmFailure; Failure when it was ended from outside
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
  if (outcome.ended === 'aborted') throw new Failure('Terminated', 'terminated while helm was running');
  requireMemory('helm', outcome);
  if (outcome.ended === undefined && outcome.signal !== undefined) {
    throw new Failure('ApplyFailed', `helm was ended by ${outcome.signal}`);
  }
  const error = explainHelmError(outcome.stderr);
  const reason = outcome.ended === 'timeout' ? 'InstallTimeout' : error.reason;
  if (reason !== 'InstallTimeout') throw new HelmFailure(error);
  throw new HelmFailure(
    { ...error, reason },
    `not ready within ${Math.round(context.order.timeoutMs / 1000)} s: ${error.message.replace(/^helm: /, '')}. Look at what is not ready, or raise spec.timeout`,
  );
}
