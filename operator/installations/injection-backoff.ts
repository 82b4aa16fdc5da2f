import { backoff, type Clock } from '#kube/clock.ts';
import type { InstallationPlan } from './observation.ts';
import { progressOf } from './observation.ts';

const DELAY = { baseMs: 3_000, maxMs: 30_000 };
const MOST_ENTRIES = 1000;

type Misses = { count: number; until: number };

/**
 * How long an installation waits for its next Job when the last ones were admitted without the webhook: that one may
 * be set up any moment, or never. In memory only: a new leader begins with a short wait again.
 */
export class InjectionBackoff {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #misses = new Map<string, Misses>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** How long it is too early for another Job, in milliseconds; 0: it is not. */
  waitMs(key: string): number {
    return Math.max(0, (this.#misses.get(key)?.until ?? 0) - this.#clock.now());
  }

  /** Learns from what was planned and done. */
  note(key: string, { acts, status }: Pick<InstallationPlan, 'acts' | 'status'>): void {
    if (acts.some((act) => act.kind === 'delete' && act.because === 'not injected')) {
      const count = (this.#misses.get(key)?.count ?? 0) + 1;
      if (this.#misses.size >= MOST_ENTRIES) this.#misses.clear();
      this.#misses.set(key, { count, until: this.#clock.now() + backoff(count, DELAY) });
    } else if (progressOf(status) !== 'waiting') {
      this.#misses.delete(key);
    }
  }
}
