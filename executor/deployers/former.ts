import type { Report } from '#api/contract/report.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { asFailure } from '../failure.ts';
import { readManifests } from '../render/manifests.ts';
import { createDiscovery, type Discovery, keyIn } from '../target/discovery.ts';
import type { DeployContext } from './context.ts';
import { readHistory } from './helm/history.ts';
import { manifestsOf } from './helm/record.ts';
import { readInventory, settleInventory } from './manifests/inventory.ts';
import { dropped, keyOf, type ObjectKey } from './manifests/inventory-entry.ts';
import { stillThere } from './manifests/left.ts';

type Place = NonNullable<WorkOrder['former']>[number];

/**
 * Of the places that the plugin was installed in before, those that still hold something; nothing where that can't be
 * found out, so that all of them stay on record. What was installed is installed all the same.
 */
export async function lookAtFormer(context: DeployContext): Promise<Pick<Report, 'former'>> {
  const { former = [] } = context.order;
  if (former.length === 0) return {};
  try {
    return { former: await stillHeld(context, former) };
  } catch (error) {
    context.log.note(`what is left of former installations was not found out: ${asFailure(error).message}`);
    return {};
  }
}

async function stillHeld(
  context: DeployContext,
  former: readonly Place[],
): Promise<NonNullable<Report['former']>> {
  const discovery = createDiscovery(context.client);
  const now = await objectsOf(context, discovery, context.order.install.kind, context.order);
  const held: NonNullable<Report['former']> = [];
  for (const [at, place] of former.entries()) {
    const rest = await heldBy(context, discovery, place, now);
    if (rest) held.push({ at, shared: rest.shared });
  }
  return held;
}

async function heldBy(
  context: DeployContext,
  discovery: Discovery,
  place: Place,
  now: readonly ObjectKey[],
): Promise<{ shared: boolean } | undefined> {
  const { client, order } = context;
  const { kind, targetNamespace, release = order.plugin.name } = place;
  if (kind === 'chart') {
    const last = (await readHistory(client, targetNamespace, release)).at(-1);
    if (last === undefined || last.status === 'uninstalled') return undefined;
    const keys = new Set(now.map(keyOf));
    const objects = await objectsOf(context, discovery, kind, { targetNamespace, release });
    return { shared: objects.some((object) => keys.has(keyOf(object))) };
  }
  const there = { ...order, targetNamespace };
  const inventory = await readInventory(client, there, discovery);
  const left = await stillThere(context, discovery, dropped(inventory.before, now));
  await settleInventory(client, there, inventory, left);
  return left.length > 0 ? { shared: false } : undefined;
}

/** The objects that a release, or the plugin's inventory in a namespace, lists. */
async function objectsOf(
  context: DeployContext,
  discovery: Discovery,
  kind: Place['kind'],
  { targetNamespace, release }: { targetNamespace: string; release?: string | undefined },
): Promise<ObjectKey[]> {
  const { client, order } = context;
  if (kind !== 'chart') return (await readInventory(client, { ...order, targetNamespace }, discovery)).before;
  const name = release ?? ('releaseName' in order.install ? order.install.releaseName : order.plugin.name);
  const last = (await readHistory(client, targetNamespace, name)).at(-1);
  if (last === undefined) return [];
  const { body } = await client.request(
    'GET',
    `/api/v1/namespaces/${targetNamespace}/secrets/${last.secret}`,
  );
  const { release: record = '' } = (body['data'] ?? {}) as { release?: string };
  const [manifest = ''] = record === '' ? [] : await manifestsOf(record);
  const objects: ObjectKey[] = [];
  const rendered = await readManifests(context, [{ file: 'the release', text: manifest }]);
  for (const object of rendered) objects.push(await keyIn(discovery, object, targetNamespace));
  return objects;
}
