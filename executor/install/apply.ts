import { FIELD_MANAGER, sha256 } from '#api/contract/names.ts';
import { Failure } from '../failure.ts';
import { failureOf } from '../target/client.ts';
import { createDiscovery, groupPath } from '../target/discovery.ts';
import type { InstallContext } from './context.ts';
import { type Entry, recordIntent, recordResult } from './inventory.ts';
import { inOrder, isDefinition, type ManifestObject } from './manifests.ts';
import { patiently } from './patient.ts';

/**
 * Server-side apply of every object, definitions and namespaces first, in the order of the files. Stops at the
 * first refusal, which names the object and the API's reason. Conflicts are forced: the plugin is what the
 * author declares, and a field that somebody edited by hand in the target goes back to it.
 * @returns how many objects were applied
 * @throws Failure
 */
export async function applyObjects(
  context: InstallContext,
  objects: readonly ManifestObject[],
): Promise<number> {
  const { client, log } = context;
  const discovery = createDiscovery(client);
  const entries: Entry[] = objects.map((object) => toEntry(object, context.order.targetNamespace));
  const inventory = await recordIntent(client, context.order, entries);
  if (inventory.first) context.markFirst();
  const [early, rest] = inOrder(objects);
  for (const object of early) await applyOne(object);
  for (const object of early.filter(isDefinition)) await established(context, object);
  if (early.some(isDefinition)) discovery.expectNew();
  for (const object of rest) await applyOne(object);
  await recordResult(client, context.order, inventory, entries);
  return objects.length;

  async function applyOne(object: ManifestObject): Promise<void> {
    stopWhenDue(context);
    const { resource, namespaced } = await discovery.find(object.apiVersion, object.kind).catch((error) => {
      throw error instanceof Failure
        ? new Failure(error.reason, `${shown(object)}: ${error.message}`)
        : error;
    });
    const namespace = object.namespace ?? context.order.targetNamespace;
    const path = [
      groupPath(object.apiVersion),
      ...(namespaced ? ['namespaces', encodeURIComponent(namespace)] : []),
      resource,
      encodeURIComponent(object.name),
    ].join('/');
    const answer = await patiently(
      () =>
        client.request('PATCH', `${path}?fieldManager=${FIELD_MANAGER}&force=true&fieldValidation=Strict`, {
          body: object.text,
          contentType: 'application/apply-patch+yaml',
        }),
      context,
    );
    if (answer.code !== 200 && answer.code !== 201) throw failureOf(answer, shown(object));
    log.output(`${shown(object)} ${answer.code === 201 ? 'created' : 'applied'}`);
  }
}

function stopWhenDue(context: InstallContext): void {
  if (context.abort.aborted) throw new Failure('Terminated', 'ended in the middle of applying manifests');
  if (context.remaining() <= 0) {
    throw new Failure(
      'InstallTimeout',
      `not applied within ${Math.round(context.order.timeoutMs / 1000)} s; give spec.timeout more`,
    );
  }
}

/** A definition takes a moment until the API serves its kind. */
async function established(context: InstallContext, object: ManifestObject): Promise<void> {
  const path = `${groupPath(object.apiVersion)}/customresourcedefinitions/${encodeURIComponent(object.name)}`;
  for (;;) {
    stopWhenDue(context);
    const { body } = await context.client.request('GET', path);
    const status = body['status'] as { conditions?: { type: string; status: string; message?: string }[] };
    const conditions = status?.conditions ?? [];
    if (conditions.some(({ type, status: is }) => type === 'Established' && is === 'True')) return;
    const refused = conditions.find(({ type, status: is }) => type === 'NamesAccepted' && is === 'False');
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
