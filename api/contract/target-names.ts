/** Names of what Pinion keeps in a target cluster, known to the executor, which writes it, and to the operator's messages. */
import { CATALOGUE_NAMESPACE, FIELD_MANAGER, sha256 } from './names.ts';

/** A plugin's part of the names of its objects in the target; the hash keeps long names apart. */
export function inTarget({ namespace, name }: { namespace: string; name: string }): string {
  const hash = sha256(`${namespace}/${name}`).slice(0, 10);
  // What is before a hyphen must not end in a dot.
  return `${name.slice(0, 180).replace(/[^a-z0-9]+$/, '')}-${hash}`;
}

/** The ConfigMap in the target namespace that lists what a plugin of manifests has applied, as JSON in this key. */
export const inventoryName = (plugin: { namespace: string; name: string }) =>
  `pinion-inventory-${inTarget(plugin)}`;
export const INVENTORY_KEY = 'objects.json';

/** The API server's limit. */
const MANAGER_LENGTH = 128;

/** The field manager that applies a plugin's manifests: `pinion/NAMESPACE/NAME`, cut and with a hash where it is too long. */
export function fieldManager({ namespace, name }: { namespace: string; name: string }): string {
  const plain = `${FIELD_MANAGER}/${namespace}/${name}`;
  if (plain.length <= MANAGER_LENGTH) return plain;
  return `${plain.slice(0, MANAGER_LENGTH - 11)}-${sha256(`${namespace}/${name}`).slice(0, 10)}`;
}

/** The plugin that such a field manager stands for, as `namespace/name`; undefined for all others. */
export const pluginOfManager = (manager: string): string | undefined =>
  manager.startsWith(`${FIELD_MANAGER}/`) ? manager.slice(FIELD_MANAGER.length + 1) : undefined;

/**
 * Field managers whose fields a plugin takes over: that of all plugins before each had its own, and those of the plugin
 * that it replaces in its cluster, which has the same name in the catalogue or in the cluster's namespace.
 */
export const formerManagers = (
  plugin: { namespace: string; name: string },
  cluster: { namespace: string },
): string[] => [
  FIELD_MANAGER,
  ...[CATALOGUE_NAMESPACE, cluster.namespace]
    .map((namespace) => fieldManager({ namespace, name: plugin.name }))
    .filter((manager) => manager !== fieldManager(plugin)),
];
