import type { Clock } from './clock.ts';

type Options<T> = {
  clock: Clock;
  /** How old a value may be, in milliseconds, counted from when its load began. */
  ttlMs: number;
  /** With more entries than this, the oldest are dropped. */
  maxEntries?: number;
  /** False for a value that is returned but not remembered. By default every value is. */
  isWorthKeeping?: (value: T) => boolean;
};

type Entry<T> = { value: Promise<T>; until: number };

/**
 * Remembers loaded values for a short time. Callers that ask for a key while it loads share that load. A load that
 * fails is not remembered: its callers get the error, the next caller loads again.
 */
export class TtlCache<T> {
  readonly #options: Options<T>;
  /** In the order in which they expire. */
  readonly #entries = new Map<string, Entry<T>>();

  constructor(options: Options<T>) {
    this.#options = options;
  }

  /** The remembered value, or the one that `load` resolves to. Rejects as `load` does. */
  get(key: string, load: () => Promise<T>): Promise<T> {
    const { clock, ttlMs } = this.#options;
    const now = clock.now();
    const known = this.#entries.get(key);
    if (known && known.until > now) return known.value;
    const entry = { value: load(), until: now + ttlMs };
    this.#add(key, entry);
    const forget = () => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    entry.value.then((value) => {
      if (!(this.#options.isWorthKeeping?.(value) ?? true)) forget();
    }, forget);
    return entry.value;
  }

  #add(key: string, entry: Entry<T>): void {
    const { maxEntries = 1024 } = this.#options;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxEntries) return;
      this.#entries.delete(oldest);
    }
  }
}

/** A function that calls `load` at most once in `ttlMs`, with the rules of TtlCache. */
export function cached<T>(
  options: { clock: Clock; ttlMs: number },
  load: () => Promise<T>,
): () => Promise<T> {
  const cache = new TtlCache<T>(options);
  return () => cache.get('', load);
}
