import { sha256 } from '#api/contract/names.ts';
import { EXIT } from '#api/contract/report.ts';
import { Failure } from '../../failure.ts';
import { inOrder, isDefinition, type ManifestObject } from '../../render/manifests.ts';
import { unknownKind } from '../../target/causes.ts';
import { failureOf } from '../../target/client.ts';
import { createDiscovery, type Discovery, keyIn, objectPath } from '../../target/discovery.ts';
import type { DeployContext, Deployed, RenderedFor } from '../context.ts';
import { type ApplyOwned, createApply } from './apply-owned.ts';
import { established, isEstablished, stopWhenDue } from './established.ts';
import { isFirst, readInventory, recordIntent, recordResult } from './inventory.ts';
import { dropped, type Entry, shownEntry } from './inventory-entry.ts';
import { describeLeft, leftSentence, stillThere } from './left.ts';
import { applyInRounds, type Refusal } from './rounds.ts';
import { isTransient } from './transient.ts';

/**
 * Server-side apply of every object, definitions and namespaces first, in the order of the files. What is refused does
 * not keep the rest from being applied, and is tried again after it. What an earlier version had and this one does not is
 * left in the target, and reported.
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
  for (const object of objects) wanted.push(await keyIn(discovery, object, order.targetNamespace));
  const inventory = await recordIntent(client, order, found, wanted);
  if (isFirst(inventory)) context.markFirst();
  const apply = createApply(context, inventory.before);
  const done = new Map<ManifestObject, Entry>();
  const applyObject = async (object: ManifestObject) => {
    const applied = await applyOne(context, discovery, apply, object);
    if ('failure' in applied) return applied;
    done.set(object, applied);
    return undefined;
  };
  const [early, rest] = inOrder(objects);
  const definitions = early.filter(isDefinition);
  await applyInRounds([...early, ...rest], applyObject, shown, context).catch(async (error) => {
    // Objects of a kind whose name is taken are refused as well, with words that say less.
    for (const object of definitions) await isEstablished(context, object);
    throw error;
  });
  for (const object of definitions) await established(context, object);
  const entries = [...early, ...rest].flatMap((object) => done.get(object) ?? []);
  const left = await stillThere(context, discovery, dropped(inventory.before, entries));
  await recordResult(client, order, inventory, [...left, ...entries]);
  const known = describeLeft(left);
  return {
    summary: `${objects.length} objects applied${leftSentence(known)}`,
    ...(known && { left: known }),
  };
}

/** @returns the object's entry in the inventory, or why it was not applied */
async function applyOne(
  context: DeployContext,
  discovery: Discovery,
  apply: ApplyOwned,
  object: ManifestObject,
): Promise<Entry | Refusal> {
  stopWhenDue(context);
  const { apiVersion, kind, name, text } = object;
  const found = await discovery.find(apiVersion, kind);
  if (found === undefined) return unknownKindOf(object);
  const namespace = found.namespaced ? (object.namespace ?? context.order.targetNamespace) : '';
  const key = { apiVersion, kind, namespace, name };
  const path = objectPath({ apiVersion, ...found }, key);
  const answer = await apply({ key, path, text, shown: shown(object) }).catch(notOwned);
  if ('failure' in answer) return answer;
  if (answer.code !== 200 && answer.code !== 201) {
    return { failure: failureOf(answer, shown(object)), waits: isTransient(answer) };
  }
  context.log.output(`${shown(object)} ${answer.code === 201 ? 'created' : 'applied'}`);
  const { uid } = answer.body['metadata'] as { uid: string };
  return { ...key, uid, digest: sha256(text) };
}

function notOwned(error: unknown): Refusal {
  if (error instanceof Failure && error.reason === 'ObjectOwnedByPlugin')
    return { failure: error, waits: false };
  throw error;
}

/** Its definition may come later in the bundle, or be served in a moment, or come with another plugin. */
function unknownKindOf(object: ManifestObject): Refusal {
  const { apiVersion, kind } = object;
  const { reason, remedy } = unknownKind(kind, apiVersion);
  const message = `${shown(object)}: the target cluster has no kind ${kind} of ${apiVersion}; ${remedy}`;
  return { failure: new Failure(reason, message), waits: EXIT[reason].retry };
}

const shown = (object: ManifestObject) => `${shownEntry(object)} (${object.file})`;
