import { canonicalJson } from '#api/names.ts';
import type { VirtualClusterPlugin } from '#api/objects.ts';
import { resolvePluginSet } from '#api/plugin-set.ts';
import type { VirtualClusterPluginSpec, VirtualClusterPluginStatus } from '#api/virtualclusterplugin.ts';
import type { KubeClient } from '#kube/client.ts';
import { unlessNotFound } from '#kube/errors.ts';
import type { Outcome } from '#kube/work-queue.ts';
import type { Caches } from './caches.ts';
import { virtualClusterPlugins } from './objects.ts';

/** Keeps a VirtualClusterPlugin's status: by how many it is used, and of what kind it is. */
export class PluginStatusReconciler {
  readonly #client: KubeClient;
  readonly #caches: Caches;

  constructor({ client, caches }: { client: KubeClient; caches: Caches }) {
    this.#client = client;
    this.#caches = caches;
  }

  async reconcile(key: string): Promise<Outcome> {
    const plugin = this.#caches.plugins.cache.byKey(key);
    if (!plugin || plugin.metadata.deletionTimestamp) return {};
    const status: VirtualClusterPluginStatus = {
      usedBy: this.#usedBy(plugin),
      source: kindOfSource(plugin.spec),
      observedGeneration: plugin.metadata.generation ?? 0,
    };
    if (canonicalJson(plugin.status ?? {}) === canonicalJson(status)) return {};
    const { metadata } = plugin;
    await unlessNotFound(
      this.#client.patch(virtualClusterPlugins, metadata, { status }, { subresource: 'status' }),
    );
    return {};
  }

  #usedBy(plugin: VirtualClusterPlugin): number {
    const all = this.#caches.plugins.cache.list();
    return this.#caches.clusters.cache.list().filter(({ metadata, spec }) => {
      if (metadata.deletionTimestamp) return false;
      const { wanted } = resolvePluginSet(spec, metadata.namespace, all);
      return wanted.some((one) => one.plugin === plugin);
    }).length;
  }
}

/** Like `chart/pvPath`: the kind of the plugin and of its main source. */
function kindOfSource({ pluginSources }: VirtualClusterPluginSpec): string {
  const { chart, yaml, kustomize } = pluginSources;
  if (chart?.repo) return chart.repo.startsWith('oci://') ? 'chart/oci' : 'chart/repo';
  const kind = chart ? 'chart' : yaml ? 'yaml' : 'kustomize';
  const source = chart?.storage ?? yaml?.path ?? kustomize?.path ?? {};
  const from = (['pvPath', 'hostPath', 'uri'] as const).find((one) => source[one] !== undefined);
  return from ? `${kind}/${from}` : kind;
}
