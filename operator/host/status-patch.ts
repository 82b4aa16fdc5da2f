import { canonicalJson } from '#api/contract/names.ts';
import type { KubeObject } from '#kube/resource.ts';

/** The merge patch that makes the status so, on the very version that it was decided on: else a conflict. */
export const statusPatch = <Status extends object>(
  { metadata: { resourceVersion }, status }: KubeObject & { status?: Status | undefined },
  after: Status,
): object => ({ metadata: { resourceVersion }, status: mergePatch(status ?? {}, after) });

/** A merge patch leaves what it does not name: what is gone is null, at any depth. Lists are replaced. */
function mergePatch(before: object, after: object): object {
  const removed = Object.keys(before).flatMap((key) => (key in after ? [] : [[key, null] as const]));
  const kept = Object.entries(after).map(([key, value]) => {
    const old: unknown = (before as Record<string, unknown>)[key];
    return [key, isObject(old) && isObject(value) ? mergePatch(old, value) : value] as const;
  });
  return Object.fromEntries([...removed, ...kept]);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isSameStatus = <Status extends object>(a: Status | undefined, b: Status): boolean =>
  canonicalJson(a ?? {}) === canonicalJson(b);
