import { CATALOGUE_NAMESPACE } from '../contract/names.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '../kinds/objects.ts';
import { tryLocateSources } from '../payloads/locate-sources.ts';
import { payloadsOf } from '../payloads/table.ts';
import type { Settings } from '../settings.ts';
import { sourceReferences } from '../sources/location.ts';

/** Another object that a spec names, in any of `namespaces`; they are empty for a cluster-scoped kind. */
export type Reference = { field: string; name: string; namespaces: string[] } & (
  | { kind: 'PersistentVolumeClaim' }
  | { kind: 'Node' }
  /** `credentials`: it must be labelled as source credentials. */
  | { kind: 'Secret'; credentials?: boolean }
  | { kind: 'ConfigMap' }
  | { kind: 'VirtualClusterPlugin' }
);

/** The objects that a plugin names: claims, nodes, Secrets, ConfigMaps and other plugins. Invalid sources are left out. */
export function referencesOfPlugin(plugin: VirtualClusterPlugin, settings: Settings): Reference[] {
  const { metadata, spec } = plugin;
  const namespaces = [metadata.namespace];
  const { locations } = tryLocateSources(spec, settings);
  const payloads = payloadsOf(spec.pluginSources);
  return [
    ...sourceReferences(locations).map((reference) => ({
      ...reference,
      namespaces: reference.kind === 'Node' ? [] : namespaces,
    })),
    ...payloads.flatMap(({ row, payload }) =>
      row.references(payload).map((reference) => ({ ...reference, namespaces })),
    ),
    ...(spec.dependsOn ?? []).map(({ name }, i) =>
      pluginReference(name, `spec.dependsOn[${i}]`, metadata.namespace),
    ),
  ];
}

/** The objects that a VirtualCluster names: the plugins that it enables and the Secret of its kubeconfig. */
export function referencesOfCluster({ metadata, spec }: VirtualCluster): Reference[] {
  const secret = spec.kubeconfigSecretRef;
  return [
    ...(secret
      ? [
          {
            kind: 'Secret' as const,
            field: 'spec.kubeconfigSecretRef',
            name: secret.name,
            namespaces: [metadata.namespace],
          },
        ]
      : []),
    ...(spec.pluginSet?.enabled ?? []).map(({ name }, i) =>
      pluginReference(name, `spec.pluginSet.enabled[${i}]`, metadata.namespace),
    ),
  ];
}

const pluginReference = (name: string, field: string, namespace: string): Reference => ({
  kind: 'VirtualClusterPlugin',
  field,
  name,
  namespaces: [...new Set([namespace, CATALOGUE_NAMESPACE])],
});
