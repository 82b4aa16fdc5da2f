import { installationName } from '#api/contract/names.ts';
import type { InstallationRecord, PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { Job, Pod } from '#kube/resources.ts';
import type { JobAct } from '#operator/executor-jobs/act.ts';
import type { JobOutcome } from '#operator/executor-jobs/job-outcome.ts';
import { isFinished } from '#operator/executor-jobs/jobs.ts';
import { whatIsLeft } from './left.ts';
import type { PlannedStatus } from './observation.ts';
import { outcomeOf } from './state.ts';
import { lasting, recordOf, tidy } from './status.ts';

/** What an installation that is not wanted depends on. */
export type AbsentObservation = {
  plugin: { namespace: string; name: string };
  cluster: { namespace: string; name: string };
  recorded: PluginInstallationStatus;
  /** The plugin that has its release now. */
  heir?: string | undefined;
  jobs: readonly Job[];
  pods: Pod[];
};

/** `gone`: nothing of it is in the target, so the installation itself can go. */
export type AbsentPlan = { acts: JobAct[] } & ({ gone: true } | { gone: false; status: PlannedStatus });

/**
 * What to do about an installation that is not wanted. A Job that runs is left to end: half an install helps no one.
 * What is in the target stays there, and so does its record. Pure.
 */
export function planAbsent(observed: AbsentObservation): AbsentPlan {
  const { jobs, recorded } = observed;
  const running = jobs.find((job) => isRunning(observed, job));
  const acts = jobs
    .filter((job) => job !== running && job.metadata.deletionTimestamp === undefined)
    .map((job): JobAct => ({ kind: 'delete', job, because: 'superseded' }));
  if (running) {
    const message = `the plugin is no longer in the plugin set; Job ${running.metadata.name} is still running and is left to finish`;
    const job = `${running.metadata.namespace}/${running.metadata.name}`;
    const status = {
      ...lasting(recorded),
      phase: 'Installing',
      action: 'install',
      reason: 'Disabled',
    } as const;
    return { acts, gone: false, status: tidy({ ...status, message, job }) };
  }
  const record = recordAtTheEnd(observed);
  if (record === undefined) return { acts, gone: true };
  return { acts, gone: false, status: orphaned(observed, record) };
}

function isRunning(observed: AbsentObservation, job: Job): boolean {
  if (job.spec.suspend || isFinished(job) || job.metadata.deletionTimestamp) return false;
  const { kind } = outcomeOf(observed, job);
  return kind === 'running' || kind === 'retrying';
}

/** What is in the target: what the last Job has installed or may have left, else what was installed before. */
function recordAtTheEnd({ recorded, jobs, pods }: AbsentObservation): InstallationRecord | undefined {
  const { installed, installing } = recorded;
  if (installing === undefined) return installed;
  const last = jobs.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === recorded.job);
  const outcome: JobOutcome | undefined = last && outcomeOf({ pods }, last);
  if (outcome?.kind === 'succeeded') return recordOf(installing, outcome.report);
  const { digest: _, ...unfinished } = { ...installed, ...installing };
  return unfinished;
}

function orphaned(
  { recorded, plugin, cluster, heir }: AbsentObservation,
  record: InstallationRecord,
): PlannedStatus {
  const forget = `kubectl delete pinst -n ${cluster.namespace} ${installationName(cluster.name, plugin.name)}`;
  const message =
    heir === undefined
      ? `the plugin is no longer in the plugin set, and Pinion does not uninstall yet: ${whatIsLeft(record, plugin)}. Then delete this object: ${forget}`
      : `the plugin is no longer in the plugin set, and its Helm release ${record.release ?? plugin.name} is used by plugin ${heir} now: do not uninstall it. Delete this object: ${forget}`;
  const { verified, job, attempts, startTime, completionTime, former, left } = recorded;
  return tidy({
    installed: record,
    former,
    left,
    verified,
    job,
    attempts,
    startTime,
    completionTime,
    phase: 'Orphaned',
    reason: 'Disabled',
    message,
  });
}
