import { ANNOTATION, FIELD_MANAGER } from '#api/contract/names.ts';
import type { TargetClient } from '../../target/client.ts';
import { MANAGER_ANNOTATION } from './inventory.ts';
import { groupOf, type ObjectKey, readEntries } from './inventory-entry.ts';

/** Plugins whose objects are still applied under the one field manager that all plugins had. */
export type LegacyInventories = {
  /** A plugin other than `plugin` (namespace/name) that lists the object. */
  otherOwner: (key: ObjectKey) => Promise<string | undefined>;
};

type Listed = { metadata: { annotations?: Record<string, string> } } & Record<string, unknown>;

/** Asks for the inventories of the target once, and only when something is found that needs them. */
export function createLegacyInventories(client: TargetClient, plugin: string): LegacyInventories {
  let listed: Promise<Listed[]> | undefined;
  return {
    async otherOwner(key) {
      listed ??= list(client);
      for (const inventory of await listed) {
        const owner = inventory.metadata.annotations?.[ANNOTATION.plugin];
        if (owner !== plugin && readEntries(inventory).some((entry) => isSame(entry, key))) return owner;
      }
      return undefined;
    },
  };
}

/** Those inventories gave cluster-scoped objects a namespace. */
const isSame = (entry: ObjectKey, key: ObjectKey) =>
  groupOf(entry.apiVersion) === groupOf(key.apiVersion) &&
  entry.kind === key.kind &&
  entry.name === key.name &&
  (key.namespace === '' || entry.namespace === key.namespace);

/** A kubeconfig that may not list them in all namespaces has no other plugins to tell of. */
async function list(client: TargetClient): Promise<Listed[]> {
  const selector = encodeURIComponent(`app.kubernetes.io/managed-by=${FIELD_MANAGER}`);
  const { code, body } = await client.request('GET', `/api/v1/configmaps?labelSelector=${selector}`);
  const items = code === 200 ? ((body['items'] ?? []) as Listed[]) : [];
  return items.filter(({ metadata }) => metadata.annotations?.[MANAGER_ANNOTATION] === undefined);
}
