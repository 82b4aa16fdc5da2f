import { type KubeObject, keyOf, type ObjectName, objectKey } from './resource.ts';

export type Indexers<T> = Record<string, (object: T) => readonly string[]>;

/** Objects by name, and by the values of named indexes. */
export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: Indexers<T>;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(indexers: Indexers<T> = {}) {
    this.#indexers = indexers;
    for (const index of Object.keys(indexers)) this.#indexes.set(index, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(name: ObjectName): T | undefined {
    return this.#objects.get(objectKey(name));
  }

  byKey(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  keys(): string[] {
    return [...this.#objects.keys()];
  }

  /** Objects that the index lists under `value`, in the order in which they were first listed. */
  byIndex(index: string, value: string): T[] {
    const keys = this.#indexes.get(index)?.get(value) ?? [];
    return [...keys].map((key) => this.#objects.get(key)).filter((object) => object !== undefined);
  }

  /** Stores the object. @returns the one that it replaces. */
  set(object: T): T | undefined {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous) this.#unindex(key, previous, object);
    this.#objects.set(key, object);
    for (const [index, valuesOf] of Object.entries(this.#indexers)) {
      const byValue = this.#indexes.get(index);
      for (const value of valuesOf(object)) {
        const keys = byValue?.get(value) ?? new Set();
        byValue?.set(value, keys.add(key));
      }
    }
    return previous;
  }

  delete(key: string): T | undefined {
    const previous = this.#objects.get(key);
    if (previous) this.#unindex(key, previous);
    this.#objects.delete(key);
    return previous;
  }

  /** Keeps the key where the successor is listed too, and with it the order. */
  #unindex(key: string, object: T, successor?: T): void {
    for (const [index, valuesOf] of Object.entries(this.#indexers)) {
      const byValue = this.#indexes.get(index);
      const kept = successor ? valuesOf(successor) : [];
      for (const value of valuesOf(object)) {
        if (kept.includes(value)) continue;
        const keys = byValue?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) byValue?.delete(value);
      }
    }
  }
}
