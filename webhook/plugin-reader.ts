import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import type { Informer } from '#kube/informer.ts';
import { virtualClusterPlugins } from '#kube/resources.ts';

/**
 * The part of a plugin that the cache keeps: its identity, sources and timeout. Dropped are large parts that injection does
 * not read: field managers, annotations (kubectl's repeats the spec) and the chart's values.
 */
export function slimPlugin(plugin: VirtualClusterPlugin): VirtualClusterPlugin {
  const { managedFields: _, annotations: __, ...metadata } = plugin.metadata as Full;
  const { pluginSources } = plugin.spec;
  if (!pluginSources.chart) return { ...plugin, metadata };
  const { values: ___, ...chart } = pluginSources.chart;
  return { ...plugin, metadata, spec: { ...plugin.spec, pluginSources: { ...pluginSources, chart } } };
}

type Full = VirtualClusterPlugin['metadata'] & { managedFields?: unknown };

/** Reads plugins: `get` the slim one from the cache, `getLive` the whole one from the API server. */
export type PluginReader = {
  get(namespace: string, name: string): VirtualClusterPlugin | undefined;
  getLive(namespace: string, name: string): Promise<VirtualClusterPlugin | undefined>;
};

export const pluginReader = (informer: Informer<VirtualClusterPlugin>, client: KubeClient): PluginReader => ({
  get: (namespace, name) => informer.cache.get({ namespace, name }),
  getLive: (namespace, name) => ignoreNotFound(client.get(virtualClusterPlugins, { namespace, name })),
});
