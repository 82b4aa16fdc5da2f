import { sourceVolume } from '#api/contract/job.ts';
import type { Location, SlotLocation } from '#api/sources/location.ts';
import { upsert, type Volume, withPodSpec } from '../job.ts';
import type { Mutation } from './mutation.ts';

/** Well above the largest unpacked source, well below what would fill a node's disk. */
const FETCHED_LIMIT = '256Mi';

/** One volume for each source; sources of one claim share theirs. */
export const addSourceVolumes: Mutation = (job, { locations }) =>
  withPodSpec(job, (spec) => ({
    ...spec,
    volumes: mountedLocations(locations).reduce(
      (volumes, one) => upsert(volumes, volumeOf(one, locations), ({ name }) => name),
      spec.volumes ?? [],
    ),
  }));

type Mounted = SlotLocation & { location: Exclude<Location, { kind: 'catalogue' }> };

/** The locations that are not in the executor's image already. */
export const mountedLocations = (locations: readonly SlotLocation[]): Mounted[] =>
  locations.filter((one): one is Mounted => one.location.kind !== 'catalogue');

/** The name of the volume that holds a slot's source. */
export function volumeNameOf({ slot, location }: SlotLocation, all: readonly SlotLocation[]): string {
  if (location.kind !== 'claim') return sourceVolume(slot);
  const first = all.find(({ location: other }) => other.kind === 'claim' && other.claim === location.claim);
  return sourceVolume(first?.slot ?? slot);
}

function volumeOf(one: Mounted, all: readonly SlotLocation[]): Volume {
  const name = volumeNameOf(one, all);
  const { location } = one;
  switch (location.kind) {
    case 'claim':
      // readOnly belongs to the mounts: some drivers refuse a read-only claim that a pod has mounted to write.
      return { name, persistentVolumeClaim: { claimName: location.claim } };
    case 'host':
      // A wrong path must fail, not be made.
      return { name, hostPath: { path: location.directory, type: 'Directory' } };
    case 'uri':
    case 'repository':
      return { name, emptyDir: { sizeLimit: FETCHED_LIMIT } };
  }
}
