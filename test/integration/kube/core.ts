import type { ObjectMeta } from '#api/kinds/objects.ts';
import { resource } from '#kube/resource.ts';

export type ConfigMap = { metadata: ObjectMeta; data?: Record<string, string> };
export const configMaps = resource<ConfigMap>('v1', 'ConfigMap', 'configmaps');
export const namespaces = resource<{ metadata: ObjectMeta }>('v1', 'Namespace', 'namespaces', {
  namespaced: false,
});
