import { reasonOr } from '#api/errors.ts';
import type {
  InstallationRecord,
  PluginInstallationStatus,
  RetryRecord,
} from '#api/kinds/plugininstallation.ts';
import type { Problem } from '#api/problem.ts';
import type { Job } from '#kube/resources.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import type { JobOutcome } from '#operator/executor-jobs/job-outcome.ts';
import { attemptsOf, isPodOf } from '#operator/executor-jobs/jobs.ts';
import { formerPlaces, leftOf, stillHeld, whatIsLeft } from './left.ts';
import type { InstallationPlan, Observation, PlannedStatus } from './observation.ts';
import { describeRetry, retryRecordOf, startOf } from './retry.ts';
import { failureKey, retryOf } from './state.ts';

const MESSAGE_LIMIT = 1024;

/** The first line of a message: the output of a command may follow it. */
export const firstLine = (text = '') => text.split('\n', 1)[0] ?? '';

type Loose<T> = { [Key in keyof T]: T[Key] | undefined };

/** Without undefined fields and within the limits of the schema. */
export function tidy(status: Loose<PlannedStatus>): PlannedStatus {
  const message = status.message?.slice(0, MESSAGE_LIMIT);
  // Others give reasons of any form: an API server's answer, a pod's status.
  const reason = status.reason === undefined ? undefined : reasonOr(status.reason, 'Refused').slice(0, 256);
  const defined = Object.entries({ ...status, reason, message }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as PlannedStatus;
}

/** What a status keeps whatever happens: the record of what is in the target, and of what failed. */
export function lasting(recorded: PluginInstallationStatus): PlannedStatus {
  const { installed, installing, former, left, verified, failedDigest, retry } = recorded;
  return tidy({ installed, installing, former, left, verified, failedDigest, retry });
}

/** The planned part of a status as it is recorded. */
export function given({
  conditions: _,
  history: __,
  observedGeneration: ___,
  observedClusterGeneration: ____,
  observedPluginGeneration: _____,
  ...status
}: PluginInstallationStatus): PlannedStatus {
  return status;
}

/** What failed may pass: what is said until the next Job. `status` is what is known of the last one. */
export function resting(
  status: PlannedStatus,
  retry: RetryRecord,
  { now, hold }: Pick<Observation, 'now' | 'hold'>,
  { order }: Pick<Content, 'order'>,
): PlannedStatus {
  const said = describeRetry(retry, { timeoutMs: order.timeoutMs, now, hold });
  const isOver = said.phase === 'Failed';
  const { action: _, ...rest } = status;
  return tidy({ ...rest, ...said, retry, action: isOver ? undefined : 'install' });
}

/** No action can be started; what was installed before is still there. */
export function waiting(
  recorded: PluginInstallationStatus,
  { reason, message }: Problem,
  requeueAfterMs?: number,
): InstallationPlan {
  return {
    status: tidy({ ...lasting(recorded), phase: 'Pending', reason, message }),
    acts: [],
    requeueAfterMs,
  };
}

/** The Job is about to be created: the record is as it was. */
export const creating = (recorded: PluginInstallationStatus, name: string): PlannedStatus => {
  const { failedDigest: _, ...kept } = lasting(recorded);
  const message = `creating Job ${name}`;
  return tidy({ ...kept, phase: 'Installing', action: 'install', reason: 'JobCreating', message });
};

/** What a running Job is at, by reason. */
export const STEP_MESSAGES = {
  PodStarting: 'the executor pod is starting',
  Fetching: 'the executor is fetching the sources',
  Installing: 'the executor is installing and verifying',
} as const;

/** Whether a reason names a step of a running Job. */
export const isStep = (reason: string | undefined): boolean =>
  reason !== undefined && Object.hasOwn(STEP_MESSAGES, reason);

/** The Job runs, or is about to: what was installed before may no longer be what is there. */
export function started(observed: Observation, content: Content, job: Job): PlannedStatus {
  const { installed, left, verified } = observed.recorded;
  const pods = observed.pods.filter((pod) => isPodOf(pod, job));
  const before = retryRecordOf(observed.recorded, failureKey(content.digest, retryOf(observed)));
  const startTime = startOf(job.metadata.creationTimestamp, before, content.order.timeoutMs);
  return tidy({
    installed: installed && withoutDigest(installed),
    installing: content.record,
    former: formerPlaces(observed.recorded, content.record),
    left,
    verified,
    phase: 'Installing',
    action: 'install',
    reason: 'PodStarting',
    message: STEP_MESSAGES.PodStarting,
    job: `${job.metadata.namespace}/${job.metadata.name}`,
    attempts: (before?.attempts ?? 0) + attemptsOf(job, pods),
    startTime,
    retry: before && startTime ? { ...before, startTime } : before,
  });
}

function withoutDigest({ digest: _, ...record }: InstallationRecord): InstallationRecord {
  return record;
}

/** The Job has succeeded: what it was started with is what is installed. */
export function succeeded(
  base: PlannedStatus,
  { record, order }: Pick<Content, 'record' | 'order'>,
  { report, finishedAt }: JobOutcome & { kind: 'succeeded' },
): PlannedStatus {
  const { installing: _, action: __, former, left: ___, retry: ____, ...rest } = base;
  const places = stillHeld(former, report);
  const message = [report?.message ?? '', ...(places ?? []).map((place) => whatIsLeft(place, order.plugin))];
  return tidy({
    ...rest,
    former: places,
    left: leftOf(report),
    phase: 'Installed',
    reason: 'Installed',
    message: message.filter((text) => text !== '').join('; '),
    installed: recordOf(record, report),
    verified: report?.verified ?? (order.verify ? 'Yes' : 'NotAsked'),
    completionTime: finishedAt,
  });
}

/** What is installed once a Job has reported. */
export function recordOf(
  record: InstallationRecord,
  report: (JobOutcome & { kind: 'succeeded' })['report'],
): InstallationRecord {
  const { revision, chartVersion } = report ?? {};
  // A report is what its pod says: what does not fit the schema must not keep the whole status away. The release, which
  // is in commands that people copy, is the one that was asked for.
  const bounded = { revision, chartVersion: chartVersion?.slice(0, 128) };
  const all = { ...record, ...bounded };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as InstallationRecord;
}

/** The Job has failed, and no other will do better. `key` is what the failure is remembered by. */
export function failed(
  base: PlannedStatus,
  { reason, message, finishedAt }: JobOutcome & { kind: 'failed' },
  key: string,
): PlannedStatus {
  const { action: _, retry: __, ...rest } = base;
  const verified = reason === 'VerifyTimeout' ? 'No' : base.verified;
  return tidy({
    ...rest,
    phase: 'Failed',
    reason,
    message,
    verified,
    failedDigest: key,
    completionTime: finishedAt,
  });
}
