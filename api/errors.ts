/**
 * An error that a user can act on. `reason` is UpperCamelCase and appears in conditions, events and metrics;
 * `message` says what was found, what was expected and the next step.
 */
export class ReasonedError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.reason = reason;
  }
}

const REASON = /^[A-Za-z]([A-Za-z0-9_,:]{0,254}[A-Za-z0-9_])?$/;

/** The text if conditions and statuses accept it as a reason, else `otherwise`. */
export const reasonOr = (text: string, otherwise: string): string => (REASON.test(text) ? text : otherwise);

/** A ReasonedError that no retry helps: reported once, and not retried until its object changes. */
export class TerminalError extends ReasonedError {}
