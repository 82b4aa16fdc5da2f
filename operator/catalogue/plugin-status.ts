import { canonicalJson } from '#api/contract/names.ts';
import type {
  VirtualClusterPluginSpec,
  VirtualClusterPluginStatus,
} from '#api/kinds/virtualclusterplugin.ts';
import { payloadsOf } from '#api/payloads/table.ts';
import { resolvePluginSet } from '#api/plugin-set.ts';
import { sourceWord } from '#api/sources/source.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import type { Change } from '#kube/informer.ts';
import { type KubeObject, keyOf } from '#kube/resource.ts';
import { virtualClusterPlugins } from '#kube/resources.ts';
import type { Outcome } from '#kube/work-queue.ts';
import { type Caches, isSpecChange, pluginsFor } from '#operator/host/caches.ts';

type UsedCaches = Pick<Caches, 'clusters' | 'plugins'>;

/** Keeps a VirtualClusterPlugin's status: by how many it is used, and of what kind it is. */
export class PluginStatusReconciler {
  readonly #client: KubeClient;
  readonly #caches: UsedCaches;
  /** By how many each plugin is used, until that may have changed: counted once for all plugins. */
  #counts: Map<string, number> | undefined;

  constructor({ client, caches }: { client: KubeClient; caches: UsedCaches }) {
    this.#client = client;
    this.#caches = caches;
    const forget = (change: Change<KubeObject>) => {
      if (isSpecChange(change)) this.#counts = undefined;
    };
    caches.clusters.onChange(forget);
    caches.plugins.onChange(forget);
  }

  async reconcile(key: string): Promise<Outcome> {
    const plugin = this.#caches.plugins.cache.byKey(key);
    if (!plugin || plugin.metadata.deletionTimestamp) return {};
    const status: VirtualClusterPluginStatus = {
      usedBy: this.#usedBy(key),
      source: kindOfSource(plugin.spec),
      observedGeneration: plugin.metadata.generation ?? 0,
    };
    if (canonicalJson(plugin.status ?? {}) === canonicalJson(status)) return {};
    const { metadata } = plugin;
    await ignoreNotFound(
      this.#client.patch(virtualClusterPlugins, metadata, { status }, { subresource: 'status' }),
    );
    return {};
  }

  #usedBy(key: string): number {
    this.#counts ??= countUses(this.#caches);
    return this.#counts.get(key) ?? 0;
  }
}

function countUses(caches: UsedCaches): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { metadata, spec } of caches.clusters.cache.list()) {
    if (metadata.deletionTimestamp) continue;
    const { namespace } = metadata;
    for (const { plugin } of resolvePluginSet(spec, namespace, pluginsFor(caches, namespace)).wanted) {
      const key = keyOf(plugin);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/** Like `chart/pvPath`: the kind of the plugin and of its main source. */
function kindOfSource({ pluginSources }: VirtualClusterPluginSpec): string {
  const [only] = payloadsOf(pluginSources);
  if (only === undefined) return '';
  const [main] = only.row.sources(only.payload);
  const word = main && sourceWord(main.written);
  return word ? `${only.kind}/${word}` : only.kind;
}
