import { ANNOTATION } from '#api/contract/names.ts';
import type { Mutation } from './mutation.ts';

/** Records the generation of the plugin that was injected: the operator unsuspends the Job only if it planned with that one. */
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
