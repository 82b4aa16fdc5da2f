import { ReasonedError, reasonOr, TerminalError } from './errors.ts';

/**
 * Why something is not as it should be. `reason` is UpperCamelCase, as in a condition; `message` says what was found,
 * what was expected and the next step.
 */
export type Problem = { reason: string; message: string };

/** Whether a result is a Problem instead of what was asked for. */
export const isProblem = (result: object): result is Problem => 'reason' in result && 'message' in result;

/** A problem, and whether it waits for a change of the object instead of another try. */
export type LastingProblem = Problem & { terminal: boolean };

/** What went wrong, as a status says it. Errors that nobody can act on are thrown on. */
export function problemOf(error: unknown): LastingProblem {
  if (!(error instanceof ReasonedError)) throw error;
  return {
    reason: reasonOr(error.reason, 'Refused'),
    message: error.message,
    terminal: error instanceof TerminalError,
  };
}
