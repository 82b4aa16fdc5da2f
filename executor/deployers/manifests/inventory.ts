import { ANNOTATION, FIELD_MANAGER, LABEL, labelValue } from '#api/contract/names.ts';
import { fieldManager, INVENTORY_KEY, inventoryName } from '#api/contract/target-names.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { Failure } from '../../failure.ts';
import { mebibytes } from '../../source/limits.ts';
import { failureOf, type TargetClient } from '../../target/client.ts';
import type { Discovery } from '../../target/discovery.ts';
import { type Entry, keyOf, merge, readEntries } from './inventory-entry.ts';

export type Inventory = {
  /** The ConfigMap; undefined while there is none. */
  object: Record<string, unknown> | undefined;
  /** What was applied, or was about to be, before. */
  before: Entry[];
};

/** On an inventory: the field manager of all that it lists. Releases that had one manager for all plugins set none. */
export const MANAGER_ANNOTATION = 'kosmos.io/field-manager';

/** Nothing of the plugin is known to have got into the target. */
export const isFirst = ({ before }: Inventory) => before.every(({ digest }) => digest === undefined);

/** The plugin's inventory in its target namespace, every entry with the namespace that its kind has in the target. */
export async function readInventory(
  client: TargetClient,
  order: WorkOrder,
  discovery: Discovery,
): Promise<Inventory> {
  const name = inventoryName(order.plugin);
  const found = await client.request('GET', `${pathOf(order)}/${name}`);
  if (found.code === 404) return { object: undefined, before: [] };
  if (found.code !== 200) throw failureOf(found, `inventory ${name}`);
  const before: Entry[] = [];
  for (const entry of readEntries(found.body)) {
    const known = await discovery.lookUp(entry.apiVersion, entry.kind);
    before.push(known?.namespaced === false ? { ...entry, namespace: '' } : entry);
  }
  return { object: found.body, before: merge(before, []) };
}

/**
 * Writes down what is about to be applied, beside what was before: whatever ends us in between, nothing is in
 * the target that the inventory does not name. The resourceVersion fences a second executor.
 */
export async function recordIntent(
  client: TargetClient,
  order: WorkOrder,
  inventory: Inventory,
  entries: readonly Entry[],
): Promise<Inventory> {
  requireRoom(merge(inventory.before, entries));
  const pending = entries.map(({ digest: _, uid: __, ...entry }) => entry);
  const written = isWrittenDown(inventory, pending)
    ? inventory.object
    : await write(client, order, inventory.object, merge(inventory.before, pending));
  return { ...inventory, object: written };
}

/** A webhook that the plugin brings, and that is not up yet, may refuse to let it be written again. */
function isWrittenDown({ object, before }: Inventory, pending: readonly Entry[]): boolean {
  const unfinished = new Set(before.filter(({ digest }) => digest === undefined).map(keyOf));
  return object !== undefined && pending.every((entry) => unfinished.has(keyOf(entry)));
}

/** What a ConfigMap may hold is 1 MiB; what is around the list needs little. */
const MOST_BYTES = 1024 * 1024 - 4096;
const LONGEST_KNOWN = { uid: '0'.repeat(36), digest: '0'.repeat(64) };

/** Before anything is applied: with uids and digests the list is longer than it is now. @throws Failure */
function requireRoom(entries: readonly Entry[]): void {
  const size = Buffer.byteLength(JSON.stringify(entries.map((entry) => ({ ...entry, ...LONGEST_KNOWN }))));
  if (size <= MOST_BYTES) return;
  throw new Failure(
    'SourceInvalid',
    `the plugin has ${entries.length} objects, whose inventory would take ${mebibytes(size)}; a ConfigMap has room for ${mebibytes(MOST_BYTES)}, some 4000 objects. Split it into several plugins`,
  );
}

/** Writes down what was applied, and what an earlier version applied that is still there. */
export async function recordResult(
  client: TargetClient,
  order: WorkOrder,
  inventory: Inventory,
  entries: readonly Entry[],
): Promise<void> {
  const manager = { [MANAGER_ANNOTATION]: fieldManager(order.plugin) };
  await write(client, order, inventory.object, entries, manager);
}

/** Keeps what is left of an inventory in a namespace that the plugin has moved away from; nothing is left: removes it. */
export async function settleInventory(
  client: TargetClient,
  order: WorkOrder,
  inventory: Inventory,
  left: readonly Entry[],
): Promise<void> {
  if (inventory.object === undefined) return;
  if (left.length > 0) return recordResult(client, order, inventory, left);
  const name = inventoryName(order.plugin);
  const answer = await client.request('DELETE', `${pathOf(order)}/${name}`);
  if (answer.code !== 200 && answer.code !== 404) throw failureOf(answer, `inventory ${name}`);
}

async function write(
  client: TargetClient,
  order: WorkOrder,
  object: Record<string, unknown> | undefined,
  entries: readonly Entry[],
  manager?: Record<string, string>,
): Promise<Record<string, unknown>> {
  const name = inventoryName(order.plugin);
  const metadata = (object?.['metadata'] ?? { name }) as Record<string, unknown>;
  const annotations = (metadata['annotations'] ?? {}) as Record<string, string>;
  const marked = object === undefined ? { [MANAGER_ANNOTATION]: fieldManager(order.plugin) } : {};
  const body = JSON.stringify({
    ...object,
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...metadata,
      labels: {
        'app.kubernetes.io/managed-by': FIELD_MANAGER,
        [LABEL.pluginName]: labelValue(order.plugin.name),
      },
      annotations: {
        ...annotations,
        ...marked,
        ...manager,
        [ANNOTATION.plugin]: `${order.plugin.namespace}/${order.plugin.name}`,
        [ANNOTATION.digest]: order.digest,
      },
    },
    data: { [INVENTORY_KEY]: JSON.stringify(entries) },
  });
  const path = pathOf(order);
  const answer =
    object === undefined
      ? await client.request('POST', path, { body })
      : await client.request('PUT', `${path}/${name}`, { body });
  if (answer.code === 409) {
    throw new Failure('LeaseHeld', `inventory ${name} was modified by another executor`);
  }
  if (answer.code !== 200 && answer.code !== 201) throw failureOf(answer, `inventory ${name}`);
  return answer.body;
}

const pathOf = ({ targetNamespace }: Pick<WorkOrder, 'targetNamespace'>) =>
  `/api/v1/namespaces/${targetNamespace}/configmaps`;
