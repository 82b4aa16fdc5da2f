import { EXECUTOR_CONTAINER, sourceDirectory } from '#api/contract/job.ts';
import { mounted, withContainer } from '../job.ts';
import type { Mutation } from './mutation.ts';
import { mountedLocations, volumeNameOf } from './source-volumes.ts';

/** Every source is a read-only directory of the executor, at a path that only its slot decides. */
export const mountSources: Mutation = (job, { locations }) =>
  withContainer(job, EXECUTOR_CONTAINER, (container) =>
    mountedLocations(locations).reduce(
      (result, one) =>
        mounted(result, {
          name: volumeNameOf(one, locations),
          mountPath: sourceDirectory(one.slot),
          readOnly: true,
        }),
      container,
    ),
  );
