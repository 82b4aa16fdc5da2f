import { isDeepStrictEqual } from 'node:util';
import { sourceVolume } from '#api/contract/job.ts';
import type { SlotLocation } from '#api/sources/location.ts';
import { rowOf } from '#api/sources/table.ts';
import { upsert, type Volume, withPodSpec } from '../job.ts';
import type { Mutation } from './mutation.ts';

/** Well above the largest unpacked source, well below what would fill a node's disk. */
const FETCHED_LIMIT = '256Mi';

/** Adds a volume for each source; sources of one claim share theirs. */
export const addSourceVolumes: Mutation = (job, { locations }) =>
  withPodSpec(job, (spec) => ({
    ...spec,
    volumes: volumesOf(locations).reduce(
      (volumes, { volume }) => upsert(volumes, volume, ({ name }) => name),
      spec.volumes ?? [],
    ),
  }));

/** The volume of each source that needs one, in the order of the slots. */
export function volumesOf(
  locations: readonly SlotLocation[],
): { slot: SlotLocation['slot']; volume: Volume }[] {
  const shared: Volume[] = [];
  return locations.flatMap(({ slot, location }) => {
    const content = contentOf(location);
    if (content === undefined) return [];
    const first = shared.find(({ name, ...other }) => isDeepStrictEqual(other, content.volume));
    const volume = first ?? { name: sourceVolume(slot), ...content.volume };
    if (content.isShared) shared.push(volume);
    return [{ slot, volume }];
  });
}

/** What a source's volume holds; undefined for a source in the executor's image. */
function contentOf(
  location: SlotLocation['location'],
): { volume: Record<string, unknown>; isShared: boolean } | undefined {
  const { delivery } = rowOf(location);
  switch (delivery.by) {
    case 'volume':
      return { volume: delivery.volume(location), isShared: delivery.isShared };
    case 'fetch':
      return { volume: { emptyDir: { sizeLimit: FETCHED_LIMIT } }, isShared: false };
    case 'image':
      return undefined;
  }
}
