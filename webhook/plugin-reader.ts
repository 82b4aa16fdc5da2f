import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import type { Informer } from '#kube/informer.ts';
import { virtualClusterPlugins } from '#kube/resources.ts';

/**
 * What the cache keeps: sources, timeout and which plugin it is. Left out is what is large and of no use to a
 * Job's injection: field managers, annotations (kubectl's has the spec once more) and the chart's values.
 */
export function slimPlugin(plugin: VirtualClusterPlugin): VirtualClusterPlugin {
  const { managedFields: _, annotations: __, ...metadata } = plugin.metadata as Full;
  const { pluginSources } = plugin.spec;
  if (!pluginSources.chart) return { ...plugin, metadata };
  const { values: ___, ...chart } = pluginSources.chart;
  return { ...plugin, metadata, spec: { ...plugin.spec, pluginSources: { ...pluginSources, chart } } };
}

type Full = VirtualClusterPlugin['metadata'] & { managedFields?: unknown };

/** Plugins: from the cache at once, slim, or whole from the API server. */
export type PluginReader = {
  get(namespace: string, name: string): VirtualClusterPlugin | undefined;
  getLive(namespace: string, name: string): Promise<VirtualClusterPlugin | undefined>;
};

export const pluginReader = (informer: Informer<VirtualClusterPlugin>, client: KubeClient): PluginReader => ({
  get: (namespace, name) => informer.cache.get({ namespace, name }),
  getLive: (namespace, name) => ignoreNotFound(client.get(virtualClusterPlugins, { namespace, name })),
});
