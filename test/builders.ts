import { API_VERSION } from '#api/contract/names.ts';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';

/** A manifest as a user applies it. */
export type Manifest = { apiVersion: string; kind: string; metadata: object; [key: string]: unknown };

export const aPlugin = (namespace: string, name: string, spec: object): Manifest => ({
  apiVersion: API_VERSION,
  kind: 'VirtualClusterPlugin',
  metadata: { namespace, name },
  spec: spec satisfies Partial<VirtualClusterPluginSpec>,
});

/** A VirtualCluster that equips the cluster of the Secret `target` with these plugins. */
export const aVirtualCluster = (
  namespace: string,
  name: string,
  plugins: string[],
  spec: Partial<VirtualClusterSpec> = {},
): Manifest => ({
  apiVersion: API_VERSION,
  kind: 'VirtualCluster',
  metadata: { namespace, name },
  spec: {
    kubeconfigSecretRef: { name: 'target' },
    pluginSet: { enabled: plugins.map((plugin) => ({ name: plugin })) },
    ...spec,
  },
});

export const aNamespace = (name: string, labels: Record<string, string> = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

export const aSecret = (
  namespace: string,
  name: string,
  stringData: Record<string, string>,
  labels: Record<string, string> = {},
): Manifest => ({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name, labels }, stringData });
