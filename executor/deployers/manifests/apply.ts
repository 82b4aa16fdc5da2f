import { FIELD_MANAGER, sha256 } from '#api/contract/names.ts';
import { Failure } from '../../failure.ts';
import { inOrder, isDefinition, type ManifestObject } from '../../render/manifests.ts';
import { failureOf } from '../../target/client.ts';
import { createDiscovery, type Discovery, groupPath } from '../../target/discovery.ts';
import type { DeployContext, Deployed, RenderedFor } from '../context.ts';
import { type Entry, recordIntent, recordResult } from './inventory.ts';
import { retryTransient } from './retry-transient.ts';

/**
 * Server-side apply of every object, definitions and namespaces first, in the order of the files. Stops at the
 * first refusal, which names the object and the API's reason. Conflicts are forced: the plugin is what the
 * author declares, and a field that was edited by hand in the target goes back to it.
 * @throws Failure
 */
export async function deployManifests(
  context: DeployContext,
  { objects }: RenderedFor<'manifests'>,
): Promise<Deployed> {
  const { client, order } = context;
  const discovery = createDiscovery(client);
  const entries: Entry[] = objects.map((object) => toEntry(object, order.targetNamespace));
  const inventory = await recordIntent(client, order, entries);
  if (inventory.first) context.markFirst();
  const [early, rest] = inOrder(objects);
  for (const object of early) await applyObject(context, discovery, object);
  for (const object of early.filter(isDefinition)) await established(context, object);
  if (early.some(isDefinition)) discovery.expectNew();
  for (const object of rest) await applyObject(context, discovery, object);
  await recordResult(client, order, inventory, entries);
  return { summary: `${objects.length} objects applied` };
}

async function applyObject(
  context: DeployContext,
  discovery: Discovery,
  object: ManifestObject,
): Promise<void> {
  stopWhenDue(context);
  const path = await pathOf(context, discovery, object);
  const answer = await retryTransient(
    () =>
      context.client.request(
        'PATCH',
        `${path}?fieldManager=${FIELD_MANAGER}&force=true&fieldValidation=Strict`,
        { body: object.text, contentType: 'application/apply-patch+yaml' },
      ),
    context,
  );
  if (answer.code !== 200 && answer.code !== 201) throw failureOf(answer, shown(object));
  context.log.output(`${shown(object)} ${answer.code === 201 ? 'created' : 'applied'}`);
}

async function pathOf(
  { order }: DeployContext,
  discovery: Discovery,
  object: ManifestObject,
): Promise<string> {
  const { resource, namespaced } = await discovery.find(object.apiVersion, object.kind).catch((error) => {
    throw error instanceof Failure ? new Failure(error.reason, `${shown(object)}: ${error.message}`) : error;
  });
  return [
    groupPath(object.apiVersion),
    ...(namespaced ? ['namespaces', encodeURIComponent(object.namespace ?? order.targetNamespace)] : []),
    resource,
    encodeURIComponent(object.name),
  ].join('/');
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

function toEntry(object: ManifestObject, targetNamespace: string): Entry {
  const { apiVersion, kind, name, namespace = targetNamespace, text } = object;
  return { apiVersion, kind, namespace, name, digest: sha256(text) };
}

const shown = ({ kind, name, namespace, file }: ManifestObject) =>
  `${kind} ${namespace ? `${namespace}/` : ''}${name} (${file})`;
