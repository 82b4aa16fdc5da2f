import { EXECUTOR_CONTAINER, sourceDirectory } from '#api/contract/job.ts';
import { mounted, withContainer } from '../job.ts';
import type { Mutation } from './mutation.ts';
import { volumesOf } from './source-volumes.ts';

/** Mounts every source read-only into the executor, at the path of its slot. */
export const mountSources: Mutation = (job, { locations }) =>
  withContainer(job, EXECUTOR_CONTAINER, (container) =>
    volumesOf(locations).reduce(
      (result, { slot, volume }) =>
        mounted(result, { name: volume.name, mountPath: sourceDirectory(slot), readOnly: true }),
      container,
    ),
  );
