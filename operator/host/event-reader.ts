import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { events, type KubeEvent } from '#kube/event-recorder.ts';

const MEMORY_MS = 2_500;
const MEMORY_SIZE = 500;

/** Reads the events about one object; many reconciles that ask at the same time cost one request. */
export class EventReader {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #memory = new Map<string, { until: number; items: Promise<KubeEvent[]> }>();

  constructor({ client, clock }: { client: KubeClient; clock: Clock }) {
    this.#client = client;
    this.#clock = clock;
  }

  about({ namespace, uid }: { namespace: string; uid: string }): Promise<KubeEvent[]> {
    const now = this.#clock.now();
    const held = this.#memory.get(uid);
    if (held && held.until > now) return held.items;
    const items = this.#client
      .list(events, { namespace, fieldSelector: `involvedObject.uid=${uid}` })
      .then((list) => list.items);
    if (this.#memory.size >= MEMORY_SIZE) this.#memory.clear();
    this.#memory.set(uid, { until: now + MEMORY_MS, items });
    items.catch(() => this.#memory.delete(uid));
    return items;
  }
}
