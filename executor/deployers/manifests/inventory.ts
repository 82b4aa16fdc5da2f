import { FIELD_MANAGER, labelValue } from '#api/contract/names.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { Failure } from '../../failure.ts';
import { failureOf, type TargetClient } from '../../target/client.ts';
import { inTarget } from '../lock-name.ts';

/** An object that a plugin put into the target. Without a digest it may or may not have got there. */
export type Entry = { apiVersion: string; kind: string; namespace: string; name: string; digest?: string };

export type Inventory = { object: Record<string, unknown>; before: Entry[]; first: boolean };

const KEY = 'objects.json';

/** One ConfigMap for each plugin, in its target namespace. */
const inventoryName = ({ plugin }: WorkOrder) => `pinion-inventory-${inTarget(plugin)}`;

/**
 * Writes down what is about to be applied, beside what was before: whatever ends us in between, nothing is in
 * the target that the inventory does not name. The resourceVersion fences a second executor.
 */
export async function recordIntent(
  client: TargetClient,
  order: WorkOrder,
  entries: readonly Entry[],
): Promise<Inventory> {
  const path = pathOf(order);
  const found = await client.request('GET', `${path}/${inventoryName(order)}`);
  if (found.code !== 200 && found.code !== 404) throw failureOf(found, `inventory ${inventoryName(order)}`);
  const first = found.code === 404;
  const before = first ? [] : readEntries(found.body);
  const pending = entries.map(({ digest, ...entry }) => entry);
  const object = first ? { metadata: { name: inventoryName(order) } } : found.body;
  const written = await write(client, order, first, object, merge(before, pending));
  return { object: written, before, first: before.every(({ digest }) => digest === undefined) };
}

/** Writes down what was applied. What an earlier version applied and this one doesn't stays on the list. */
export async function recordResult(
  client: TargetClient,
  order: WorkOrder,
  inventory: Inventory,
  entries: readonly Entry[],
): Promise<void> {
  await write(client, order, false, inventory.object, merge(inventory.before, entries));
}

async function write(
  client: TargetClient,
  order: WorkOrder,
  create: boolean,
  object: Record<string, unknown>,
  entries: readonly Entry[],
): Promise<Record<string, unknown>> {
  const metadata = object['metadata'] as Record<string, unknown>;
  const body = JSON.stringify({
    ...object,
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...metadata,
      labels: {
        'app.kubernetes.io/managed-by': FIELD_MANAGER,
        'kosmos.io/plugin-name': labelValue(order.plugin.name),
      },
      annotations: {
        'kosmos.io/plugin': `${order.plugin.namespace}/${order.plugin.name}`,
        'kosmos.io/digest': order.digest,
      },
    },
    data: { [KEY]: JSON.stringify(entries) },
  });
  const path = pathOf(order);
  const answer = create
    ? await client.request('POST', path, { body })
    : await client.request('PUT', `${path}/${inventoryName(order)}`, { body });
  if (answer.code === 409) {
    throw new Failure(
      'LeaseHeld',
      `inventory ${inventoryName(order)} was modified by another executor; the next attempt will retry`,
    );
  }
  if (answer.code !== 200 && answer.code !== 201) {
    throw failureOf(answer, `inventory ${inventoryName(order)}`);
  }
  return answer.body;
}

const pathOf = ({ targetNamespace }: WorkOrder) => `/api/v1/namespaces/${targetNamespace}/configmaps`;

function readEntries(body: Record<string, unknown>): Entry[] {
  try {
    return JSON.parse((body['data'] as Record<string, string>)[KEY] ?? '[]') as Entry[];
  } catch {
    return []; // Edited by hand: overwritten.
  }
}

function merge(before: readonly Entry[], now: readonly Entry[]): Entry[] {
  const key = ({ apiVersion, kind, namespace, name }: Entry) => [apiVersion, kind, namespace, name].join('|');
  return [...new Map([...before, ...now].map((entry) => [key(entry), entry])).values()];
}
