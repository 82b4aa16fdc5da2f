import type { Location, SlotLocation } from '#api/sources/location.ts';

export type Fetched = SlotLocation & { location: Extract<Location, { kind: 'uri' | 'repository' }> };

/** The locations that are not there yet when the pod starts. */
export const fetchedLocations = (locations: readonly SlotLocation[]): Fetched[] =>
  locations.filter(
    (one): one is Fetched => one.location.kind === 'uri' || one.location.kind === 'repository',
  );
