import { sha256 } from '#api/contract/names.ts';
import { Failure } from '../../failure.ts';
import { inOrder, isDefinition, type ManifestObject } from '../../render/manifests.ts';
import { failureOf } from '../../target/client.ts';
import { createDiscovery, type Discovery, groupPath, objectPath } from '../../target/discovery.ts';
import type { DeployContext, Deployed, RenderedFor } from '../context.ts';
import { type ApplyOwned, createApply } from './apply-owned.ts';
import { isFirst, readInventory, recordIntent, recordResult } from './inventory.ts';
import { dropped, type Entry } from './inventory-entry.ts';
import { describeLeft, leftSentence, stillThere } from './left.ts';

/**
 * Server-side apply of every object, definitions and namespaces first, in the order of the files. Stops at the
 * first refusal, which names the object and the API's reason. What an
 * earlier version had and this one does not is left in the target, and reported.
 * @throws Failure
 */
export async function deployManifests(
  context: DeployContext,
  { objects }: RenderedFor<'manifests'>,
): Promise<Deployed> {
  const { client, order } = context;
  const discovery = createDiscovery(client);
  const found = await readInventory(client, order, discovery);
  const wanted: Entry[] = [];
  for (const object of objects) wanted.push(await toEntry(context, discovery, object));
  const inventory = await recordIntent(client, order, found, wanted);
  if (isFirst(inventory)) context.markFirst();
  const apply = createApply(context, inventory.before);
  const entries: Entry[] = [];
  const applyObject = async (object: ManifestObject) => {
    entries.push(await applyOne(context, discovery, apply, object));
  };
  const [early, rest] = inOrder(objects);
  for (const object of early) await applyObject(object);
  for (const object of early.filter(isDefinition)) await established(context, object);
  if (early.some(isDefinition)) discovery.expectNew();
  for (const object of rest) await applyObject(object);
  const left = await stillThere(context, discovery, dropped(inventory.before, entries));
  await recordResult(client, order, inventory, [...left, ...entries]);
  const known = describeLeft(left);
  return {
    summary: `${objects.length} objects applied${leftSentence(known)}`,
    ...(known && { left: known }),
  };
}

/** @returns the object's entry in the inventory */
async function applyOne(
  context: DeployContext,
  discovery: Discovery,
  apply: ApplyOwned,
  object: ManifestObject,
): Promise<Entry> {
  stopWhenDue(context);
  const { apiVersion, kind, name, text } = object;
  const found = await discovery.find(apiVersion, kind).catch((error) => {
    throw error instanceof Failure ? new Failure(error.reason, `${shown(object)}: ${error.message}`) : error;
  });
  const namespace = found.namespaced ? (object.namespace ?? context.order.targetNamespace) : '';
  const key = { apiVersion, kind, namespace, name };
  const path = objectPath({ apiVersion, ...found }, key);
  const answer = await apply({ key, path, text, shown: shown(object) });
  if (answer.code !== 200 && answer.code !== 201) throw failureOf(answer, shown(object));
  context.log.output(`${shown(object)} ${answer.code === 201 ? 'created' : 'applied'}`);
  const { uid } = answer.body['metadata'] as { uid: string };
  return { ...key, uid, digest: sha256(text) };
}

function stopWhenDue(context: DeployContext): void {
  if (context.abort.aborted) throw new Failure('Terminated', 'terminated while manifests were being applied');
  if (context.remaining() <= 0) {
    throw new Failure(
      'InstallTimeout',
      `not applied within ${Math.round(context.order.timeoutMs / 1000)} s; raise spec.timeout`,
    );
  }
}

/** A definition takes a moment until the API serves its kind. */
async function established(context: DeployContext, object: ManifestObject): Promise<void> {
  const path = `${groupPath(object.apiVersion)}/customresourcedefinitions/${encodeURIComponent(object.name)}`;
  for (;;) {
    stopWhenDue(context);
    const { body } = await context.client.request('GET', path);
    const status = body['status'] as { conditions?: { type: string; status: string; message?: string }[] };
    const conditions = status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return;
    const refused = conditions.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
    if (refused) throw new Failure('ApplyRejected', `${shown(object)}: ${refused.message}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

/** Before anything is applied: a kind that the target does not know yet is taken for a namespaced one. */
async function toEntry(
  { order }: DeployContext,
  discovery: Discovery,
  { apiVersion, kind, name, namespace = order.targetNamespace }: ManifestObject,
): Promise<Entry> {
  const found = await discovery.lookUp(apiVersion, kind);
  return { apiVersion, kind, namespace: found?.namespaced === false ? '' : namespace, name };
}

const shown = ({ kind, name, namespace, file }: ManifestObject) =>
  `${kind} ${namespace ? `${namespace}/` : ''}${name} (${file})`;
