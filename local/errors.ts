/** A known failure of local/: printed without a stack. The message says what to do. */
export class LocalError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocalError';
    this.reason = reason;
  }
}
