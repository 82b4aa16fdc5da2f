import { setImmediate } from 'node:timers/promises';
import { TerminalError } from '#api/errors.ts';
import { backoff, type Clock } from './clock.ts';
import type { Log } from './log.ts';

/** The result of a reconcile: done, or to be called again after a while. */
export type Outcome = { requeueAfterMs?: number | undefined };
/** The soonest of delays of which some are not given. */
export function earliest(...delays: readonly (number | undefined)[]): number | undefined {
  const given = delays.filter((delay) => delay !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

export type Result = 'success' | 'requeue' | 'error' | 'terminal';

export type WorkQueueOptions = {
  name: string;
  /** How many names are reconciled at the same time. A single name is never reconciled twice at once. */
  concurrency: number;
  reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>;
  clock: Clock;
  log: Log;
  /** Delay after the first failure of a name, doubled with each further one. */
  baseDelayMs?: number;
  maxDelayMs?: number;
  onResult?: (result: Result, key: string) => void;
};

/**
 * A queue of names. A name that is added twice is reconciled once; one that is added during its reconcile is reconciled
 * again afterwards. Errors are retried with a back-off per name, except TerminalErrors. The event loop runs timers and
 * sockets between two names.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #working = new Set<string>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  #signal: AbortSignal | undefined;
  #idle: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Names that wait for a worker. */
  get depth(): number {
    return this.#waiting.size + this.#again.size;
  }

  add(key: string): void {
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#waiting.add(key);
    this.#dispatch();
  }

  /** Adds the name after `delayMs`. Of two planned times the earlier one counts. */
  addAfter(key: string, delayMs: number): void {
    const { clock } = this.#options;
    const at = clock.now() + delayMs;
    const timer = this.#timers.get(key);
    if (timer && timer.at <= at) return;
    timer?.cancel();
    const cancel = clock.after(delayMs, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { at, cancel });
  }

  /** Runs until the signal aborts, then waits for the reconciles under way. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#dispatch();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
    if (this.#working.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #dispatch(): void {
    if (!this.#signal || this.#signal.aborted) return;
    for (const key of this.#waiting) {
      if (this.#working.size >= this.#options.concurrency) return;
      this.#waiting.delete(key);
      this.#working.add(key);
      // The planned reconcile happens now; its outcome plans the next one.
      this.#timers.get(key)?.cancel();
      this.#timers.delete(key);
      // Otherwise a long queue of reconciles that wait for no I/O would delay the renewal of the Lease.
      void this.#work(key, this.#signal)
        .finally(() => setImmediate())
        .finally(() => this.#done(key));
    }
  }

  #done(key: string): void {
    this.#working.delete(key);
    if (this.#again.delete(key)) this.#waiting.add(key);
    this.#dispatch();
    if (this.#working.size === 0 && this.#signal?.aborted)
      for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    const { reconcile, onResult, log, name } = this.#options;
    try {
      const { requeueAfterMs } = await reconcile(key, signal);
      this.#failures.delete(key);
      if (requeueAfterMs !== undefined) this.addAfter(key, requeueAfterMs);
      onResult?.(requeueAfterMs === undefined ? 'success' : 'requeue', key);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof TerminalError) {
        this.#failures.delete(key);
        log.error(
          { queue: name, key, reason: error.reason, error: message },
          'terminal error, not retrying until the object changes',
        );
        onResult?.('terminal', key);
        return;
      }
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const { baseDelayMs = 100, maxDelayMs = 30_000 } = this.#options;
      const delayMs = backoff(failures, { baseMs: baseDelayMs, maxMs: maxDelayMs });
      log.warn({ queue: name, key, error: message, failures, delayMs }, 'reconcile failed, retrying');
      this.addAfter(key, delayMs);
      onResult?.('error', key);
    }
  }
}
