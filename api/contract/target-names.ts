/** Names of what Pinion keeps in a target cluster, known to the executor, which writes it, and to the operator's messages. */
import { sha256 } from './names.ts';

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
