import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type KubeObject, type ObjectName, objectKey, type Resource } from '#kube/resource.ts';
import { TtlCache } from '#kube/ttl-cache.ts';

/** Covers `kubectl apply -f directory/`, and is short enough that warnings are not about the past. */
const TTL_MS = 3_000;
const MAX_ENTRIES = 512;

/** Reads objects. An object is remembered for a moment; a missing one never is. */
export class ObjectReader {
  readonly #client: KubeClient;
  readonly #objects: TtlCache<KubeObject | undefined>;

  constructor({ client, clock }: { client: KubeClient; clock: Clock }) {
    this.#client = client;
    this.#objects = new TtlCache({
      clock,
      ttlMs: TTL_MS,
      maxEntries: MAX_ENTRIES,
      isWorthKeeping: (object) => object !== undefined,
    });
  }

  /** The object, or undefined when it does not exist. @throws ApiError for anything but a 404 */
  async find<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    { metadataOnly = false }: { metadataOnly?: boolean } = {},
  ): Promise<T | undefined> {
    const key = `${resource.plural}/${objectKey(name)}${metadataOnly ? '?metadata' : ''}`;
    const load = () => ignoreNotFound(this.#client.get(resource, name, { metadataOnly }));
    return (await this.#objects.get(key, load)) as T | undefined;
  }
}
