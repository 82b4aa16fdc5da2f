import { offlineBut } from '../../command/offline.ts';
import { Failure } from '../../failure.ts';
import { type ManifestObject, readManifests } from '../../render/manifests.ts';
import { LIMIT } from '../../source/limits.ts';
import { PARTIAL_METADATA } from '../../target/client.ts';
import { createDiscovery, type Discovery, objectPath } from '../../target/discovery.ts';
import type { DeployContext } from '../context.ts';
import { readInventory } from '../manifests/inventory.ts';
import { keyOf, type ObjectKey, shownEntry } from '../manifests/inventory-entry.ts';
import { otherReleaseOwner } from '../release-owner.ts';
import { type Found, type Owner, ownerOf, ownershipPatch, RELEASE } from './object-owner.ts';

/** How Helm refuses an object that exists and is not its release's. Nothing was applied then. */
const REFUSAL = /exists and cannot be imported into the current release/;

type Existing = { key: ObjectKey; path: string; found: Found; owner: Owner };

/**
 * Called when Helm has refused objects that exist: hands those over to the release that Pinion itself made, as objects of
 * this plugin's manifests or as its namespace. All others need `spec.takeOwnership`, and another plugin's are refused even so.
 * @param args of the refused command
 * @returns the arguments to try again with @throws Failure: `refusal` with what to do, or `ObjectOwnedByPlugin`
 */
export async function takeOver(
  context: DeployContext,
  release: string,
  args: readonly string[],
  refusal: Failure,
): Promise<string[]> {
  if (!REFUSAL.test(refusal.message)) throw refusal;
  const discovery = createDiscovery(context.client);
  const existing = await findExisting(context, discovery, release, await renderedBy(context, args, refusal));
  const { namespace, name } = context.order.plugin;
  for (const { key, path, owner } of existing) {
    const rival = owner.kind === 'plugin' ? owner.plugin : await rivalOf(context, path, owner);
    if (rival === undefined) continue;
    throw new Failure(
      'ObjectOwnedByPlugin',
      `${shownEntry(key)} belongs to plugin ${rival}, and the chart of plugin ${namespace}/${name} has it as well; take it out of one of them, or disable one`,
    );
  }
  const foreign = existing.filter(({ owner }) => owner.kind === 'other');
  const [first] = foreign;
  if (first && !context.order.takeOwnership) throw refused(first, foreign.length, refusal);
  for (const one of existing) if (one.owner.kind === 'own') await adopt(context, release, one);
  const [command = '', ...rest] = args;
  return first ? [command, '--take-ownership', ...rest] : [...args];
}

const rivalOf = (context: DeployContext, path: string, { kind }: Owner) =>
  kind === 'other' ? otherReleaseOwner(context, path) : undefined;

function refused({ key, found }: Existing, count: number, refusal: Failure): Failure {
  const { [RELEASE.name]: release, [RELEASE.namespace]: namespace } = found.metadata.annotations ?? {};
  const whose = release
    ? `belongs to Helm release ${release} in namespace ${namespace}`
    : 'exists and was not made by this plugin';
  const more = count > 1 ? `, as ${count - 1} more of the chart do` : '';
  const remedy = release
    ? `Uninstall that release (helm uninstall ${release} -n ${namespace}), or set spec.takeOwnership: true of the plugin to take over its objects`
    : 'Delete it, or set spec.takeOwnership: true of the plugin to take it over';
  return new Failure(refusal.reason, `${shownEntry(key)} ${whose}${more}. ${remedy}. ${refusal.message}`);
}

/** The objects of the chart, from a dry run of the same command. */
async function renderedBy(context: DeployContext, args: readonly string[], refusal: Failure) {
  const [command = '', ...rest] = args;
  const { ok, stdout } = await context.run({
    argv: ['helm', command, '--take-ownership', '--dry-run=server', '--output=json', ...rest],
    env: { ...context.env, ...offlineBut(context.server) },
    cwd: context.config.scratch,
    timeoutMs: context.remaining(),
    abort: context.abort,
    quiet: true,
    dataLimit: LIMIT.manifests,
  });
  if (!ok) throw refusal;
  const { manifest = '' } = JSON.parse(stdout) as { manifest?: string };
  return readManifests(context, [{ file: 'the chart', text: manifest }]);
}

async function findExisting(
  context: DeployContext,
  discovery: Discovery,
  release: string,
  objects: ManifestObject[],
): Promise<Existing[]> {
  const { client, order } = context;
  const inventory = await readInventory(client, order, discovery);
  const listed = new Set(inventory.before.map(keyOf));
  const existing: Existing[] = [];
  for (const { apiVersion, kind, name, namespace = order.targetNamespace } of objects) {
    const served = await discovery.lookUp(apiVersion, kind);
    if (served === undefined) continue;
    const key = { apiVersion, kind, name, namespace: served.namespaced ? namespace : '' };
    const path = objectPath(served, key);
    const answer = await client.request('GET', path, { accept: PARTIAL_METADATA });
    if (answer.code !== 200) continue;
    const found = answer.body as Found;
    const owner = ownerOf(found, {
      order,
      release,
      isListed: listed.has(keyOf(key)),
      isNamespace: kind === 'Namespace',
    });
    existing.push({ key, path, found, owner });
  }
  return existing;
}

async function adopt(
  { client, order, log }: DeployContext,
  release: string,
  { key, path, found }: Existing,
): Promise<void> {
  const body = JSON.stringify(ownershipPatch(found, { order, release }));
  const contentType = 'application/merge-patch+json';
  const answer = await client.request('PATCH', `${path}?fieldManager=helm`, { body, contentType });
  if (answer.code !== 200) {
    throw new Failure('ApplyFailed', `${shownEntry(key)} could not be handed over to release ${release}`);
  }
  log.note(`${shownEntry(key)}, which Pinion made, belongs to release ${release} now`);
}
