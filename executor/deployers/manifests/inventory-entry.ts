import { INVENTORY_KEY } from '#api/contract/target-names.ts';

/**
 * An object that a plugin put into the target; `namespace` is '' for a cluster-scoped one. Without a digest it may or
 * may not have got there.
 */
export type Entry = {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  uid?: string;
  digest?: string;
};

/** What identifies an object: its version may change while it stays the same object. */
export type ObjectKey = Pick<Entry, 'apiVersion' | 'kind' | 'namespace' | 'name'>;

/** '' for the core group. */
export const groupOf = (apiVersion: string) =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

export const keyOf = ({ apiVersion, kind, namespace, name }: ObjectKey) =>
  [groupOf(apiVersion), kind, namespace, name].join('|');

/** Both lists, the later entry for each object. Pure. */
export const merge = (before: readonly Entry[], now: readonly Entry[]): Entry[] => [
  ...new Map([...before, ...now].map((entry) => [keyOf(entry), entry])).values(),
];

/** Entries of `before` whose objects are not in `now`. Pure. */
export function dropped(before: readonly Entry[], now: readonly ObjectKey[]): Entry[] {
  const kept = new Set(now.map(keyOf));
  return before.filter((entry) => !kept.has(keyOf(entry)));
}

/** The entries of an inventory's ConfigMap; none when it was edited by hand into something else. */
export function readEntries(body: Record<string, unknown>): Entry[] {
  try {
    const data = (body['data'] ?? {}) as Record<string, string>;
    const entries: unknown = JSON.parse(data[INVENTORY_KEY] ?? '[]');
    return Array.isArray(entries) ? (entries as Entry[]) : [];
  } catch {
    return [];
  }
}

/** For messages: `ConfigMap apps/settings`. */
export const shownEntry = ({
  kind,
  namespace,
  name,
}: {
  kind: string;
  namespace?: string | undefined;
  name: string;
}): string => `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
