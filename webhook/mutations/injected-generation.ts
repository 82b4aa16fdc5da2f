import { ANNOTATION } from '#api/contract/names.ts';
import type { Mutation } from './mutation.ts';

/** Writes which generation of the plugin was injected: the operator starts the Job only if it is the one it planned with. */
export const noteGeneration: Mutation = (job, { plugin }) => ({
  ...job,
  metadata: {
    ...job.metadata,
    annotations: {
      ...job.metadata.annotations,
      [ANNOTATION.injectedGeneration]: String(plugin.metadata.generation ?? 0),
    },
  },
});
