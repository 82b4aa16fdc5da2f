import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { nodes } from '#kube/resources.ts';
import { cached } from '#kube/ttl-cache.ts';
import { addressOf, chooseNodeAddress, type HostNode } from './endpoint.ts';

/** Many control planes ask at once, and nodes change seldom. */
const TTL_MS = 5_000;

/** The host's nodes, as candidates for tenants' endpoints. */
export class HostNodes {
  readonly #deps: { client: KubeClient; clock: Clock; clusters: () => readonly VirtualCluster[] };
  readonly #nodes: () => Promise<HostNode[]>;

  constructor(deps: { client: KubeClient; clock: Clock; clusters: () => readonly VirtualCluster[] }) {
    this.#deps = deps;
    this.#nodes = cached({ clock: deps.clock, ttlMs: TTL_MS }, async () => {
      const list = await deps.client.list(nodes);
      return list.items;
    });
  }

  /** Addresses of all nodes, and the one for the endpoint. `before`: the address chosen earlier. */
  async addresses(before: string | undefined): Promise<{ all: string[]; chosen: string | undefined }> {
    const found = await this.#nodes();
    return {
      all: found.flatMap((node) => addressOf(node) ?? []).sort(),
      chosen: chooseNodeAddress(found, this.#promoted(), { before, now: this.#deps.clock.now() }),
    };
  }

  /** Only nodes with a step count: a spec that merely names a node must not move another cluster's endpoint. */
  #promoted(): Set<string> {
    const entries = this.#deps.clusters().flatMap(({ status }) => status?.nodes ?? []);
    const taken = entries.filter(({ kind, step }) => kind === 'Promoted' && step !== undefined);
    return new Set(taken.map(({ name }) => name));
  }
}
