import { API_VERSION } from '#api/names.ts';
import type { VirtualClusterPlugin } from '#api/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { unlessNotFound } from '#kube/errors.ts';
import type { Informer } from '#kube/informer.ts';
import { resource } from '#kube/resource.ts';

export const virtualClusterPlugins = resource<VirtualClusterPlugin>(
  API_VERSION,
  'VirtualClusterPlugin',
  'virtualclusterplugins',
);

/** Plugins: from the cache at once, or from the API server. */
export type PluginReader = {
  get(namespace: string, name: string): VirtualClusterPlugin | undefined;
  getLive(namespace: string, name: string): Promise<VirtualClusterPlugin | undefined>;
};

export const pluginReader = (informer: Informer<VirtualClusterPlugin>, client: KubeClient): PluginReader => ({
  get: (namespace, name) => informer.cache.get({ namespace, name }),
  getLive: (namespace, name) => unlessNotFound(client.get(virtualClusterPlugins, { namespace, name })),
});
