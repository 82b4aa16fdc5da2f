import type { Problem } from '#api/problem.ts';
import { backoff, type Clock } from '#kube/clock.ts';
import type { PluginObservation, PluginPlan } from './observation.ts';

const DELAY = { baseMs: 3_000, maxMs: 30_000 };
const MOST_ENTRIES = 1000;

type Misses = { count: number; until: number };

/**
 * How long a plugin waits for its next Job when the last ones were admitted without the webhook: that one may be set
 * up any moment, or never. In memory only: a new leader begins with a short wait again.
 */
export class InjectionBackoff {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #misses = new Map<string, Misses>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** The observation, held while it is too early for another Job, and how long that is. */
  hold(observation: PluginObservation): { observation: PluginObservation; waitMs?: number } {
    const waitMs = (this.#misses.get(keyOf(observation))?.until ?? 0) - this.#clock.now();
    if (waitMs <= 0 || observation.hold) return { observation };
    return { observation: { ...observation, hold: TOO_EARLY }, waitMs };
  }

  /** Learns from what was planned and done. */
  note(observation: PluginObservation, { acts, progress }: Pick<PluginPlan, 'acts' | 'progress'>): void {
    const key = keyOf(observation);
    if (acts.some((act) => act.kind === 'delete' && act.because === 'not injected')) {
      const count = (this.#misses.get(key)?.count ?? 0) + 1;
      if (this.#misses.size >= MOST_ENTRIES) this.#misses.clear();
      this.#misses.set(key, { count, until: this.#clock.now() + backoff(count, DELAY) });
    } else if (progress !== 'waiting') {
      this.#misses.delete(key);
    }
  }
}

const TOO_EARLY: Problem = {
  reason: 'WebhookUnavailable',
  message: 'the last Job was admitted while the webhook was away; another one is made in at most 30 s',
};

const keyOf = ({ cluster, wanted }: PluginObservation) =>
  `${cluster.metadata.uid}/${wanted.plugin.metadata.uid}`;
