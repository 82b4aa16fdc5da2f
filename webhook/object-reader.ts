import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type KubeObject, type ObjectName, objectKey, type Resource } from '#kube/resource.ts';

/** Long enough for `kubectl apply -f directory/`, short enough that warnings are not outdated. */
const MEMORY_MS = 3_000;
const MEMORY_SIZE = 512;

/** Reads objects. Existing ones are cached for 3 s; missing ones are read again. */
export class ObjectReader {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #memory = new Map<string, { object: Promise<KubeObject | undefined>; until: number }>();

  constructor({ client, clock }: { client: KubeClient; clock: Clock }) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws ApiError for anything but a 404 */
  async find<T extends KubeObject>(
    of: Resource<T>,
    name: ObjectName,
    options: { metadataOnly?: boolean } = {},
  ): Promise<T | undefined> {
    const id = `${of.plural}/${objectKey(name)}`;
    const now = this.#clock.now();
    let held = this.#memory.get(id);
    if (!held || held.until <= now) {
      if (this.#memory.size >= MEMORY_SIZE) this.#memory.clear();
      // Concurrent readers share one request.
      held = { object: ignoreNotFound(this.#client.get(of, name, options)), until: now + MEMORY_MS };
      this.#memory.set(id, held);
    }
    const forget = () => {
      if (this.#memory.get(id) === held) this.#memory.delete(id);
    };
    try {
      const object = await held.object;
      if (!object) forget();
      return object as T | undefined;
    } catch (error) {
      forget();
      throw error;
    }
  }
}
