import type { ExitReason } from '#api/contract/report.ts';
import { ReasonedError } from '#api/errors.ts';

/** Why a step ended badly: the exit code, the report and the last line of the log all come from it. */
export class Failure extends ReasonedError {
  declare readonly reason: Exclude<ExitReason, 'Succeeded'>;
  constructor(reason: Exclude<ExitReason, 'Succeeded'>, message: string, options?: ErrorOptions) {
    super(reason, message, options);
  }
}

/** Turns anything that was thrown into a Failure; an unforeseen error is Internal, on one line. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Failure('Internal', text.split('\n')[0] || 'no message', { cause: error });
}
