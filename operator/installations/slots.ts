import { ANNOTATION } from '#api/contract/names.ts';
import type { Job } from '#kube/resources.ts';

/**
 * How many plugins of a cluster are worked on at once. Those that are about to create a Job count as well: several are
 * decided on at the same time.
 */
export class Slots {
  readonly #starting = new Map<string, Set<string>>();

  /** Other plugins of the cluster that are worked on. `active` are the Jobs of the cluster that have not ended. */
  takenByOthers(clusterUid: string, plugin: string, active: readonly Job[]): number {
    const names = new Set(this.#starting.get(clusterUid));
    for (const { metadata } of active) names.add(metadata.annotations?.[ANNOTATION.plugin] ?? metadata.name);
    names.delete(plugin);
    return names.size;
  }

  /** Counts the plugin until the answer is called: by then its Job counts, or it has none. */
  take(clusterUid: string, plugin: string): () => void {
    const names = this.#starting.get(clusterUid) ?? new Set();
    this.#starting.set(clusterUid, names.add(plugin));
    return () => {
      names.delete(plugin);
      if (names.size === 0) this.#starting.delete(clusterUid);
    };
  }
}
