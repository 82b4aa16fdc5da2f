import type { Slot } from '../contract/slots.ts';
import type { Settings } from '../settings.ts';
import { kindOf, type WrittenSource } from './source.ts';
import { invalidSource, type SourceReference } from './source-row.ts';
import { type Location, rowOf, SOURCE_KINDS, SOURCES } from './table.ts';

/** Where the source of a slot is; `field` is its path in the spec, like `spec.pluginSources.yaml.path`. */
export type SlotLocation = { slot: Slot; field: string; location: Location };

/** Where one source is. @throws TerminalError `InvalidSource`, `InsecureSource` or `HostPathNotAllowed` */
export function locate(written: WrittenSource, field: string, settings: Settings): Location {
  const fields = [...new Set(SOURCE_KINDS.map((kind) => SOURCES[kind].field))];
  const given = fields.filter((name) => written[name] !== undefined);
  const kind = kindOf(written);
  if (given.length === 1 && kind !== undefined) return SOURCES[kind].locate(written, field, settings);
  throw invalidSource(
    `${field} must have exactly one of pvPath, hostPath and uri, found ${given.join(' and ') || 'none'}; like ${field}: {pvPath: "my-claim:/pv/web"}`,
  );
}

/** The objects that sources name. */
export const sourceReferences = (locations: readonly SlotLocation[]): SourceReference[] =>
  locations.flatMap(({ field, location }) => rowOf(location).references(location, field));

/** The nodes that sources name, each once: their pod can run nowhere else. */
export const namedNodes = (locations: readonly SlotLocation[]): string[] => namesOf('Node', locations);

/** The claims that sources name, each once. */
export const namedClaims = (locations: readonly SlotLocation[]): string[] =>
  namesOf('PersistentVolumeClaim', locations);

function namesOf(kind: SourceReference['kind'], locations: readonly SlotLocation[]): string[] {
  const references = sourceReferences(locations).filter((reference) => reference.kind === kind);
  return [...new Set(references.map(({ name }) => name))];
}
