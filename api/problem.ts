import { ReasonedError, reasonOr, TerminalError } from './errors.ts';

/**
 * Why something is invalid or does not work. `reason` is UpperCamelCase, as in a condition; `message` says what was
 * found, what was expected and the next step.
 */
export type Problem = { reason: string; message: string };

/** Whether a result is a Problem instead of what was asked for. */
export const isProblem = (result: object): result is Problem => 'reason' in result && 'message' in result;

/** `terminal`: no retry helps, only a change of the object. */
export type LastingProblem = Problem & { terminal: boolean };

/** The problem that a ReasonedError describes. @throws the error itself when it is another one: no user can act on it. */
export function problemOf(error: unknown): LastingProblem {
  if (!(error instanceof ReasonedError)) throw error;
  return {
    reason: reasonOr(error.reason, 'Refused'),
    message: error.message,
    terminal: error instanceof TerminalError,
  };
}

/**
 * What is wrong in a field of an object. The message begins with the field; `reason` is set where the status has a
 * reason of its own for it.
 */
export type FieldProblem = { field: string; message: string; reason?: string };

/** The problem that `check` throws as a ReasonedError, or none. */
export function problemsOf(field: string, check: () => unknown): FieldProblem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ReasonedError)) throw error;
    // The messages begin with the field's own name.
    const rest = error.message.replace(/^(values|kubeconfig)(?=[ '])/, '');
    return [{ field, message: rest === error.message ? `${field}: ${rest}` : `${field}${rest}` }];
  }
}
