import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { events, type KubeEvent } from '#kube/event-recorder.ts';
import { TtlCache } from '#kube/ttl-cache.ts';

const TTL_MS = 2_500;
const MAX_ENTRIES = 500;

/** Reads the events about one object; reconciles that ask at the same time cost one request. */
export class EventReader {
  readonly #client: KubeClient;
  readonly #events: TtlCache<KubeEvent[]>;

  constructor({ client, clock }: { client: KubeClient; clock: Clock }) {
    this.#client = client;
    this.#events = new TtlCache({ clock, ttlMs: TTL_MS, maxEntries: MAX_ENTRIES });
  }

  /** @throws ApiError */
  about({ namespace, uid }: { namespace: string; uid: string }): Promise<KubeEvent[]> {
    return this.#events.get(uid, async () => {
      const list = await this.#client.list(events, {
        namespace,
        fieldSelector: `involvedObject.uid=${uid}`,
      });
      return list.items;
    });
  }
}
