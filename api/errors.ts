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

/** A ReasonedError that no retry can mend: reported once and not tried again until its object changes. */
export class TerminalError extends ReasonedError {}
