import { ANNOTATION } from '#api/contract/names.ts';
import type { PluginSetProblem, WantedPlugin } from '#api/plugin-set.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreStale } from '#kube/errors.ts';
import { type Job, jobs as jobResource } from '#kube/resources.ts';
import { isFinished, isJobOf } from '#operator/executor-jobs/jobs.ts';

/** Deletes Jobs of plugins that are no longer asked for. One that runs goes on: half an install helps nobody. */
export async function stopUnwanted(
  client: KubeClient,
  jobs: readonly Job[],
  wanted: readonly WantedPlugin[],
  problems: readonly PluginSetProblem[],
): Promise<void> {
  const unwanted = jobs.filter((job) => {
    if (job.metadata.deletionTimestamp || !(isFinished(job) || job.spec.suspend)) return false;
    // A plugin that is asked for and not there may come back.
    const name = job.metadata.annotations?.[ANNOTATION.plugin];
    return (
      !wanted.some(({ plugin }) => isJobOf(job, plugin)) && !problems.some(({ plugin }) => plugin === name)
    );
  });
  await Promise.all(
    unwanted.map(({ metadata }) =>
      ignoreStale(client.delete(jobResource, metadata, { preconditions: { uid: metadata.uid } })),
    ),
  );
}
