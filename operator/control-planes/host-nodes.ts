import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { resource } from '#kube/resource.ts';
import { addressOf, chooseNodeAddress, type HostNode } from './endpoint.ts';

const nodes = resource<HostNode & { metadata: { namespace: string; uid: string } }>('v1', 'Node', 'nodes', {
  namespaced: false,
});
/** Many control planes ask at once, and nodes change seldom. */
const MEMORY_MS = 5_000;

/** The host's nodes, as candidates for tenants' endpoints. */
export class HostNodes {
  readonly #deps: { client: KubeClient; clock: Clock; clusters: () => readonly VirtualCluster[] };
  #held: { nodes: Promise<HostNode[]>; until: number } | undefined;

  constructor(deps: { client: KubeClient; clock: Clock; clusters: () => readonly VirtualCluster[] }) {
    this.#deps = deps;
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

  #nodes(): Promise<HostNode[]> {
    const now = this.#deps.clock.now();
    if (this.#held && this.#held.until > now) return this.#held.nodes;
    const read = this.#deps.client.list(nodes).then(({ items }) => items);
    this.#held = { nodes: read, until: now + MEMORY_MS };
    read.catch(() => {
      this.#held = undefined;
    });
    return read;
  }
}
