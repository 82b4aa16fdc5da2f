import type { KubeClient, ListOptions } from './client.ts';
import { backoff, type Clock, sleep, systemClock } from './clock.ts';
import { ApiError, isExpired } from './errors.ts';
import { type Log, silentLog } from './log.ts';
import { type Indexers, ObjectCache } from './object-cache.ts';
import { type KubeObject, keyOf, type Resource } from './resource.ts';

export type Change<T> =
  | { type: 'added'; object: T }
  | { type: 'updated'; object: T; previous: T }
  | { type: 'deleted'; object: T };

export type InformerOptions<T extends KubeObject> = ListOptions & {
  client: KubeClient;
  resource: Resource<T>;
  indexers?: Indexers<T>;
  /** Called on every object before it is cached: remove the fields that are not read. */
  transform?: (object: T) => T;
  clock?: Clock;
  log?: Log;
  /** A watch without a change or a bookmark (one a minute) for this long counts as dead. */
  idleTimeoutMs?: number;
};

const BACKOFF = { baseMs: 250, maxMs: 15_000 };
const WATCH_SECONDS = 300;

/**
 * Keeps a cache of one kind up to date: lists, watches with bookmarks, lists again after 410, and restarts the watch
 * after any other error. Handlers see every change, including those that a new list finds.
 */
export class Informer<T extends KubeObject> {
  readonly cache: ObjectCache<T>;
  readonly #options: InformerOptions<T>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #handlers: ((change: Change<T>) => void)[] = [];
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;
  #failures = 0;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.cache = new ObjectCache(options.indexers);
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves after the first list is in the cache. */
  synced(): Promise<void> {
    return this.#synced.promise;
  }

  onChange(handler: (change: Change<T>) => void): this {
    this.#handlers.push(handler);
    return this;
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let resourceVersion: string | undefined;
    while (!signal.aborted) {
      try {
        resourceVersion ??= await this.#list(signal);
        for await (const seen of this.#watch(resourceVersion, signal)) resourceVersion = seen;
        // A pause, in case the server ends every watch at once.
        await sleep(this.#clock, BACKOFF.baseMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        // The server no longer knows that version, or rejects it: list again.
        if (isExpired(error) || (error instanceof ApiError && error.code === 400))
          resourceVersion = undefined;
        this.#failures++;
        const delayMs = backoff(this.#failures, BACKOFF);
        this.#log.warn(
          { resource: this.#options.resource.plural, error: (error as Error).message, delayMs },
          'watch failed, restarting',
        );
        await sleep(this.#clock, delayMs, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { client, resource, namespace, labelSelector, fieldSelector, transform } = this.#options;
    const selectors = { namespace, labelSelector, fieldSelector };
    const list = await client.list(resource, { ...selectors, transform }, signal);
    const found = new Set<string>();
    for (const item of list.items) {
      found.add(keyOf(item));
      this.#put(item);
    }
    for (const key of this.cache.keys()) if (!found.has(key)) this.#remove(key);
    this.#hasSynced = true;
    this.#synced.resolve();
    return list.metadata.resourceVersion;
  }

  async *#watch(resourceVersion: string, signal: AbortSignal): AsyncGenerator<string> {
    const {
      client,
      resource,
      namespace,
      labelSelector,
      fieldSelector,
      transform,
      idleTimeoutMs = 90_000,
    } = this.#options;
    const selectors = { namespace, labelSelector, fieldSelector };
    const options = { resourceVersion, timeoutSeconds: WATCH_SECONDS, idleTimeoutMs, signal };
    for await (const event of client.watch(resource, selectors, options)) {
      switch (event.type) {
        case 'ADDED':
        case 'MODIFIED':
          this.#put(transform?.(event.object) ?? event.object);
          break;
        case 'DELETED':
          this.#remove(keyOf(event.object), event.object);
          break;
        case 'BOOKMARK':
          break;
        case 'ERROR':
          throw new ApiError(event.object.code ?? 500, event.object, `watch ${resource.plural}`);
      }
      this.#failures = 0;
      yield event.object.metadata.resourceVersion ?? resourceVersion;
    }
  }

  #put(object: T): void {
    const previous = this.cache.set(object);
    if (!previous) this.#notify({ type: 'added', object });
    else if (!isSame(previous, object)) this.#notify({ type: 'updated', object, previous });
  }

  #remove(key: string, last?: T): void {
    const previous = this.cache.delete(key);
    const object = last ?? previous;
    if (previous && object) this.#notify({ type: 'deleted', object });
  }

  #notify(change: Change<T>): void {
    for (const handler of this.#handlers) {
      try {
        handler(change);
      } catch (error) {
        this.#log.error({ error: (error as Error).message, object: keyOf(change.object) }, 'handler failed');
      }
    }
  }
}

const isSame = ({ metadata: a }: KubeObject, { metadata: b }: KubeObject) =>
  a.uid === b.uid && a.resourceVersion === b.resourceVersion;
