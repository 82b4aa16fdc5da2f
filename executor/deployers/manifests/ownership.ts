import type { Answer } from '../../target/client.ts';

/** A field that another field manager has with another value. */
export type Conflict = { manager: string; field: string };

/** The conflicts that the server names when it refuses an apply that is not forced. Pure. */
export function conflictsOf({ code, body }: Answer): Conflict[] {
  if (code !== 409) return [];
  const { causes = [] } = (body['details'] ?? {}) as { causes?: Record<string, string>[] };
  return causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ message = '', field = '' }) => ({
      manager: /^conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? '',
      field,
    }));
}

/** An entry of `metadata.managedFields`. */
export type ManagedFields = { manager?: string; operation?: string; subresource?: string };

/** Whether a field manager has applied something of an object. */
export const hasApplied = (entries: readonly ManagedFields[], managers: readonly string[]): boolean =>
  entries.some(
    ({ manager = '', operation, subresource }) =>
      operation === 'Apply' && !subresource && managers.includes(manager),
  );

/**
 * The entries once `to` has what one of `from` had applied, in place of its own: the next apply of `to` then removes
 * what it no longer declares, and has the rest again. Pure.
 */
export function handedOver(
  entries: readonly ManagedFields[],
  from: readonly string[],
  to: string,
): ManagedFields[] {
  const former = from.find((manager) => hasApplied(entries, [manager]));
  if (former === undefined) return [...entries];
  return entries
    .filter((entry) => !hasApplied([entry], [to]))
    .map((entry) => (hasApplied([entry], [former]) ? { ...entry, manager: to } : entry));
}

export const managedFieldsOf = (body: Record<string, unknown>): ManagedFields[] =>
  ((body['metadata'] ?? {}) as { managedFields?: ManagedFields[] }).managedFields ?? [];
