import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Job } from '#kube/resources.ts';
import type { PluginObservation, PluginPlan } from './observation.ts';

const MESSAGE_LIMIT = 1024;

/** The status of a plugin on its way. The old digest is no longer true once another Job was let run. */
export function begun({ recorded, wanted }: PluginObservation, job?: Job): PluginStatus {
  const { name, namespace } = wanted.plugin.metadata;
  const { release, revision, verified, digest } = recorded ?? {};
  return tidy({
    name,
    namespace,
    phase: 'Installing',
    release,
    revision,
    verified,
    digest: job && job.spec.suspend !== true ? undefined : digest,
    job: job && `${job.metadata.namespace}/${job.metadata.name}`,
    startTime: job?.metadata.creationTimestamp,
  });
}

/** It may have waited in between, for a reference that was missing or a target that did not answer. */
export const asInstalled = (recorded: PluginStatus): PluginStatus =>
  recorded.phase === 'Installed'
    ? recorded
    : { ...recorded, phase: 'Installed', reason: 'Installed', message: '' };

/** Nothing can be started; what was installed before is still there. */
export function waiting(
  { recorded, wanted }: Pick<PluginObservation, 'recorded' | 'wanted'>,
  { reason, message }: Problem,
  requeueAfterMs?: number,
): PluginPlan {
  const { name, namespace } = wanted.plugin.metadata;
  return {
    status: tidy({ ...lasting(recorded), name, namespace, phase: 'Pending', reason, message }),
    acts: [],
    progress: 'waiting',
    requeueAfterMs,
  };
}

/** A plugin that is asked for and does not exist. */
export function missing(
  recorded: PluginStatus | undefined,
  problem: Problem & { plugin: string },
): PluginPlan {
  const { plugin: name, reason, message } = problem;
  const { namespace } = recorded ?? {};
  return {
    status: tidy({ ...lasting(recorded), name, namespace, phase: 'Pending', reason, message }),
    acts: [],
    progress: 'waiting',
  };
}

function lasting({ release, revision, verified, digest, failedDigest }: Partial<PluginStatus> = {}) {
  return { release, revision, verified, digest, failedDigest };
}

/** Without undefined fields and within the limits of the schema. */
export function tidy(status: { [Key in keyof PluginStatus]: PluginStatus[Key] | undefined }): PluginStatus {
  const message = status.message?.slice(0, MESSAGE_LIMIT);
  const defined = Object.entries({ ...status, message }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as PluginStatus;
}
