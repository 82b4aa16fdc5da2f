import { fieldManager, formerManagers } from '#api/contract/target-names.ts';
import { PARTIAL_METADATA } from '../../target/client.ts';
import { type Discovery, objectPath } from '../../target/discovery.ts';
import type { DeployContext } from '../context.ts';
import { type Entry, shownEntry } from './inventory-entry.ts';
import { hasApplied, managedFieldsOf } from './ownership.ts';

/** Objects that are asked for at the same time. */
const AT_ONCE = 8;

/**
 * Of what the plugin had applied and no longer has, that which is still in the target and the plugin's. What was deleted,
 * made anew by somebody else or taken over since is none of it.
 */
export async function stillThere(
  context: DeployContext,
  discovery: Discovery,
  entries: readonly Entry[],
): Promise<Entry[]> {
  const left: Entry[] = [];
  for (let i = 0; i < entries.length; i += AT_ONCE) {
    const some = entries.slice(i, i + AT_ONCE);
    const there = await Promise.all(some.map((entry) => isThere(context, discovery, entry)));
    left.push(...some.filter((_, at) => there[at]));
  }
  return left;
}

async function isThere(context: DeployContext, discovery: Discovery, entry: Entry): Promise<boolean> {
  const { client, order } = context;
  const kind = await discovery.lookUp(entry.apiVersion, entry.kind);
  if (kind === undefined) return false;
  const { code, body } = await client.request('GET', objectPath(kind, entry), { accept: PARTIAL_METADATA });
  if (code === 404) return false;
  // What can't be looked at stays on the list.
  if (code !== 200) return true;
  const { uid } = body['metadata'] as { uid?: string };
  if (entry.uid !== undefined && entry.uid !== uid) return false;
  const own = [fieldManager(order.plugin), ...formerManagers(order.plugin, order.cluster)];
  return hasApplied(managedFieldsOf(body), own);
}

/** Bytes of names that fit into a report. */
const SHOWN_BYTES = 300;

/** How many objects are left, and the names of the first ones. Pure. */
export function describeLeft(left: readonly Entry[]): { count: number; objects: string[] } | undefined {
  if (left.length === 0) return undefined;
  let room = SHOWN_BYTES;
  const objects = left.map(shownEntry).filter((shown) => {
    room -= shown.length + 3;
    return room >= 0;
  });
  return { count: left.length, objects };
}

/** The same for a summary. */
export function leftSentence(left: { count: number; objects: string[] } | undefined): string {
  if (left === undefined) return '';
  const more = left.count > left.objects.length ? ` and ${left.count - left.objects.length} more` : '';
  const what = left.count === 1 ? 'object of an earlier version is' : 'objects of earlier versions are';
  return `; ${left.count} ${what} still in the target: ${left.objects.join(', ')}${more}`;
}
