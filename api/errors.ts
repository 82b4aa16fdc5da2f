/**
 * An error that a person can act on. `reason` is UpperCamelCase and ends up in conditions, events and metrics;
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

/** What others gave as a reason, as far as conditions and entries of a status take it; else the other word. */
export const reasonOr = (text: string, otherwise: string): string => (REASON.test(text) ? text : otherwise);

/** A ReasonedError that no retry can mend: reported once and not tried again until its object changes. */
export class TerminalError extends ReasonedError {}
