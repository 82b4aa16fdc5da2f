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
  for (const object of objects) wanted.push(await toEntry(context, discovery, object));
  const inventory = await recordIntent(client, order, found, wanted);
  if (isFirst(inventory)) context.markFirst();
  const apply = createApply(context, inventory.before);
  const entries: Entry[] = [];
  const applyObject = async (object: ManifestObject) => {
    const applied = await applyOne(context, discovery, apply, object);
    if ('failure' in applied) return applied;
    entries.push(applied);
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
  if (found === undefined) return unknownKind(object);
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
const unknownKind = (object: ManifestObject): Refusal => ({
  failure: new Failure(
    'ApplyFailed',
    `${shown(object)}: the target cluster has no kind ${object.kind} of ${object.apiVersion}; first install the plugin that provides its CustomResourceDefinition`,
  ),
  waits: true,
});

function stopWhenDue(context: DeployContext): void {
  if (context.abort.aborted) throw new Failure('Terminated', 'terminated while manifests were being applied');
  if (context.remaining() <= 0) {
    throw new Failure(
      'InstallTimeout',
      `not applied within ${Math.round(context.order.timeoutMs / 1000)} s; raise spec.timeout`,
    );
  }
}

/** A definition takes a moment until the API serves its kind. @throws Failure */
async function established(context: DeployContext, object: ManifestObject): Promise<void> {
  while (!(await isEstablished(context, object))) {
    stopWhenDue(context);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

/** @throws Failure when another definition has the name of the kind */
async function isEstablished({ client }: DeployContext, object: ManifestObject): Promise<boolean> {
  const path = `${groupPath(object.apiVersion)}/customresourcedefinitions/${encodeURIComponent(object.name)}`;
  const { body } = await client.request('GET', path);
  const status = body['status'] as { conditions?: { type: string; status: string; message?: string }[] };
  const conditions = status?.conditions ?? [];
  const refused = conditions.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
  if (refused) throw new Failure('ApplyRejected', `${shown(object)}: ${refused.message}`);
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
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
