import type { Clock } from '#kube/clock.ts';
import { type KubeObject, keyOf } from '#kube/resource.ts';

/** Longer than a watch ever lags: after that the cache is right again. */
const TRUST_MS = 15_000;

/**
 * The objects that this process wrote, until the cache has seen the write: no reconcile decides on an object that is
 * older than its own last write.
 */
export class AssumeCache<T extends KubeObject> {
  readonly #clock: Clock;
  readonly #objects = new Map<string, { object: T; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(object: T): void {
    this.#objects.set(keyOf(object), { object, until: this.#clock.now() + TRUST_MS });
  }

  forget(object: KubeObject): void {
    if (this.#objects.get(keyOf(object))?.object.metadata.uid === object.metadata.uid) {
      this.#objects.delete(keyOf(object));
    }
  }

  /** The newer of the cached and the written object. */
  pick(key: string, cached: T | undefined): T | undefined {
    const written = this.#objects.get(key);
    if (!written) return cached;
    const caughtUp = cached !== undefined && versionOf(cached) >= versionOf(written.object);
    if (caughtUp || written.until < this.#clock.now()) {
      this.#objects.delete(key);
      return cached;
    }
    return written.object;
  }

  /** All cached objects in their newest version, and the written ones that match and are not cached yet. */
  pickAll(cached: readonly T[], matches: (object: T) => boolean): T[] {
    const found = new Map(cached.map((object) => [keyOf(object), object]));
    for (const [key, { object }] of this.#objects) {
      const newest = this.pick(key, found.get(key));
      if (newest && (found.has(key) || matches(object))) found.set(key, newest);
    }
    return [...found.values()];
  }
}

/** Resource versions of one kind can be compared: Kubernetes guarantees it since 1.35, and etcd always did. */
const versionOf = ({ metadata }: KubeObject) => BigInt(metadata.resourceVersion ?? 0);
