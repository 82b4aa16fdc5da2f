import { FIELD_MANAGER } from '#api/contract/names.ts';
import { fieldManager, formerManagers, pluginOfManager } from '#api/contract/target-names.ts';
import { Failure } from '../../failure.ts';
import type { Answer } from '../../target/client.ts';
import type { DeployContext } from '../context.ts';
import { otherReleaseOwner } from '../release-owner.ts';
import { keyOf, type ObjectKey } from './inventory-entry.ts';
import { createLegacyInventories } from './legacy-inventories.ts';
import { type Conflict, conflictsOf, handedOver, hasApplied, managedFieldsOf } from './ownership.ts';

/** What is applied: which object, where it is, its text, and how messages name it. */
export type Applied = { key: ObjectKey; path: string; text: string; shown: string };

/** Applies one object in the plugin's name. @throws Failure `ObjectOwnedByPlugin` */
export type ApplyOwned = (object: Applied) => Promise<Answer>;

/** More often than once only when an older Pinion is at work as well. */
const HAND_OVERS = 3;

/**
 * Server-side apply as the plugin's own field manager. A field that another plugin has is refused with the names of
 * both; any other conflict is forced: the plugin is what its author declares. What Pinion applied before plugins had
 * field managers of their own is handed over to the plugin, so that fields which it no longer declares go away.
 * @param before what the plugin's inventory lists
 */
export function createApply(context: DeployContext, before: readonly ObjectKey[]): ApplyOwned {
  const { client, order } = context;
  const { namespace, name } = order.plugin;
  const own = fieldManager(order.plugin);
  const former = formerManagers(order.plugin, order.cluster);
  const listed = new Set(before.map(keyOf));
  const legacy = createLegacyInventories(client, `${namespace}/${name}`);
  const send = ({ path, text }: Applied, force: boolean) =>
    client.request(
      'PATCH',
      `${path}?fieldManager=${encodeURIComponent(own)}&force=${force}&fieldValidation=Strict`,
      { body: text, contentType: 'application/apply-patch+yaml' },
    );
  /** The plugin, if it is another one, that has a field. */
  const otherOwner = async ({ key, path }: Applied, { manager }: Conflict) => {
    if (manager === 'helm') return otherReleaseOwner(context, path);
    if (manager === FIELD_MANAGER) return listed.has(keyOf(key)) ? undefined : legacy.otherOwner(key);
    return former.includes(manager) ? undefined : pluginOfManager(manager);
  };
  const applyOnce = async (object: Applied): Promise<Answer> => {
    const answer = await send(object, false);
    const conflicts = conflictsOf(answer);
    for (const conflict of byManager(conflicts)) {
      const owner = await otherOwner(object, conflict);
      if (owner === undefined) continue;
      const fields = conflicts
        .filter(({ manager }) => manager === conflict.manager)
        .map(({ field }) => field);
      throw ownedByPlugin(object.shown, [owner, `${namespace}/${name}`], fields);
    }
    return conflicts.length > 0 ? send(object, true) : answer;
  };
  return async (object) => {
    let answer = await applyOnce(object);
    for (let i = 0; i < HAND_OVERS; i += 1) {
      const entries = managedFieldsOf(answer.body);
      if (!hasApplied(entries, former)) break;
      // What another plugin applied as that manager is left until that plugin is applied again.
      const isShared = (await legacy.otherOwner(object.key)) !== undefined;
      const from = isShared ? former.filter((manager) => manager !== FIELD_MANAGER) : former;
      if (!hasApplied(entries, from)) break;
      await handOver(context, object, answer.body, { from, to: own });
      answer = await applyOnce(object);
    }
    return answer;
  };
}

const byManager = (conflicts: readonly Conflict[]) => [
  ...new Map(conflicts.map((conflict) => [conflict.manager, conflict])).values(),
];

const SHOWN_FIELDS = 5;

function ownedByPlugin(shown: string, plugins: readonly string[], fields: readonly string[]): Failure {
  const more = fields.length > SHOWN_FIELDS ? ` and ${fields.length - SHOWN_FIELDS} more` : '';
  return new Failure(
    'ObjectOwnedByPlugin',
    `${shown}: plugins ${plugins.join(' and ')} both set ${fields.slice(0, SHOWN_FIELDS).join(', ')}${more}, to different values; keep it in one of them, or disable one`,
  );
}

/** Renames the field manager. A conflict is left to the next try. */
async function handOver(
  { client, log }: DeployContext,
  { path, shown }: Applied,
  body: Record<string, unknown>,
  { from, to }: { from: readonly string[]; to: string },
): Promise<void> {
  const { resourceVersion } = body['metadata'] as { resourceVersion: string };
  const answer = await client.request('PATCH', `${path}?fieldManager=${encodeURIComponent(to)}`, {
    contentType: 'application/json-patch+json',
    body: JSON.stringify([
      { op: 'replace', path: '/metadata/managedFields', value: handedOver(managedFieldsOf(body), from, to) },
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ]),
  });
  if (answer.code === 200) log.note(`${shown}: what was applied as another field manager is ${to}'s now`);
}
