import { CATALOGUE_NAMESPACE } from '../contract/names.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '../kinds/objects.ts';
import type { Settings } from '../settings.ts';
import { type SlotLocation, tryLocateSources } from '../sources/location.ts';

/** Another object that a spec names. `namespaces`: any of them will do; empty for a cluster-scoped kind. */
export type Reference = { field: string; name: string; namespaces: string[] } & (
  | { kind: 'PersistentVolumeClaim' }
  | { kind: 'Node' }
  /** `credentials`: must be labelled as source credentials. */
  | { kind: 'Secret'; credentials?: boolean }
  | { kind: 'ConfigMap' }
  | { kind: 'VirtualClusterPlugin' }
);

/** What a plugin names: claims, nodes, Secrets, ConfigMaps and other plugins. Wrong sources are left out. */
export function referencesOfPlugin(plugin: VirtualClusterPlugin, settings: Settings): Reference[] {
  const { metadata, spec } = plugin;
  const namespaces = [metadata.namespace];
  const { locations } = tryLocateSources(spec, settings);
  const valuesFrom = spec.pluginSources.chart?.valuesFrom ?? [];
  return [
    ...locations.flatMap((one) => referenceOf(one, namespaces)),
    ...valuesFrom.flatMap(({ configMapKeyRef, secretKeyRef }, i): Reference[] => {
      const field = `spec.pluginSources.chart.valuesFrom[${i}]`;
      if (configMapKeyRef) {
        const { name } = configMapKeyRef;
        return [{ kind: 'ConfigMap', field: `${field}.configMapKeyRef`, name, namespaces }];
      }
      if (!secretKeyRef) return [];
      return [{ kind: 'Secret', field: `${field}.secretKeyRef`, name: secretKeyRef.name, namespaces }];
    }),
    ...(spec.dependsOn ?? []).map(({ name }, i) =>
      pluginReference(name, `spec.dependsOn[${i}]`, metadata.namespace),
    ),
  ];
}

/** What a VirtualCluster names: the plugins that it enables and the Secret of its kubeconfig. */
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

function referenceOf({ field, location }: SlotLocation, namespaces: string[]): Reference[] {
  switch (location.kind) {
    case 'claim':
      return [{ kind: 'PersistentVolumeClaim', field: `${field}.pvPath`, name: location.claim, namespaces }];
    case 'host':
      return location.nodeName
        ? [{ kind: 'Node', field: `${field}.hostPath.nodeName`, name: location.nodeName, namespaces: [] }]
        : [];
    case 'catalogue':
      return [];
    case 'uri':
      return location.secret
        ? [
            {
              kind: 'Secret',
              field: `${field}.secretRef`,
              name: location.secret,
              namespaces,
              credentials: true,
            },
          ]
        : [];
    case 'repository': {
      const beside = field.replace(/\.repo$/, '.secretRef');
      return location.secret
        ? [{ kind: 'Secret', field: beside, name: location.secret, namespaces, credentials: true }]
        : [];
    }
  }
}
