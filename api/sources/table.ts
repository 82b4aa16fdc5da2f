import { type CatalogueLocation, catalogue } from './catalogue.ts';
import { type ClaimLocation, claim } from './claim.ts';
import { type HostLocation, host } from './host.ts';
import { type RepositoryLocation, repository } from './repository.ts';
import type { SourceRow } from './source-row.ts';
import { type UriLocation, uri } from './uri.ts';

/** Where a source is. `path` is resolved by the executor in the slot's directory; '' is all of it. */
export type Location = ClaimLocation | HostLocation | UriLocation | CatalogueLocation | RepositoryLocation;
type LocationOf<Kind> = Extract<Location, { kind: Kind }>;

/** Every kind of source: a file and a row. */
export const SOURCES = { claim, host, uri, catalogue, repository } satisfies {
  [Kind in Location['kind']]: SourceRow<LocationOf<Kind>, never>;
};

export type SourceKind = keyof typeof SOURCES;

export const SOURCE_KINDS = Object.keys(SOURCES) as SourceKind[];

/** The row of a location's kind. The cast is sound because a location goes to the row of its own kind only. */
export const rowOf = ({ kind }: Location): SourceRow<Location, never> =>
  SOURCES[kind] as unknown as SourceRow<Location, never>;
