import { ANNOTATION, jobName, sha256 } from '#api/contract/names.ts';
import type { RetryRecord } from '#api/kinds/plugininstallation.ts';
import type { LastingProblem } from '#api/problem.ts';
import type { Job } from '#kube/resources.ts';
import { attemptOf } from '#operator/executor-jobs/attempt.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import { type JobOutcome, jobOutcome } from '#operator/executor-jobs/job-outcome.ts';
import { currentJob, isPodOf } from '#operator/executor-jobs/jobs.ts';
import type { Observation } from './observation.ts';
import { retryRecordOf } from './retry.ts';

/** Where an installation that is wanted stands. `key` is what a failure of this content is remembered by. */
export type State =
  /** What is to be installed can't be resolved. */
  | { kind: 'Unresolved'; problem: LastingProblem }
  /** What is recorded as installed is what is wanted. */
  | { kind: 'InSync'; job: Job | undefined }
  /** This content has failed before and nothing has changed since. */
  | { kind: 'GivenUp' }
  /** It failed in a way that may pass, and the time of the next Job has not come. */
  | { kind: 'Resting'; content: Content; retry: RetryRecord }
  | { kind: 'NotStarted'; content: Content; name: string; retry: RetryRecord | undefined }
  | { kind: 'JobDeleting'; job: Job }
  /** The Job ended before another content was started, so its result is not what is in the target. */
  | { kind: 'JobOutdated'; job: Job }
  /** The Job was admitted without the webhook. */
  | { kind: 'NotInjected'; job: Job }
  /** The webhook injected another generation of the plugin. */
  | { kind: 'InjectedOtherwise'; job: Job; generation: string }
  /** The Job is suspended and complete: it may run. */
  | { kind: 'ReadyToStart'; content: Content; job: Job }
  /** The Job's pod can't start, and the administrator has changed the settings of such pods since. */
  | { kind: 'SettingsOutdated'; job: Job }
  | {
      kind: 'Started';
      content: Content;
      job: Job;
      outcome: JobOutcome;
      key: string;
      retry: RetryRecord | undefined;
    };

/** States whose action starts something in the target: a hold keeps them back. */
export const STARTS = {
  Unresolved: false,
  InSync: false,
  GivenUp: false,
  Resting: false,
  NotStarted: true,
  JobDeleting: false,
  JobOutdated: true,
  NotInjected: false,
  InjectedOtherwise: false,
  ReadyToStart: true,
  SettingsOutdated: false,
  Started: false,
} as const satisfies Record<State['kind'], boolean>;

/** Names the state. Pure and total. */
export function stateOf(observed: Observation): State {
  const { content, recorded } = observed;
  if ('reason' in content) return { kind: 'Unresolved', problem: content };
  const { digest } = content;
  const key = failureKey(digest, retryOf(observed));
  const retry = retryRecordOf(recorded, key);
  const name = nameOfJob(observed, digest, retry?.jobs);
  const job = currentJob(observed.jobs, {
    names: [name, nameOfJob(observed, content.legacyDigest)],
    digest,
    // A failure is known before its Job says so, and must not be taken for one of the next try.
    hasFailed: (other) => outcomeOf(observed, other).kind === 'failed',
  });
  if (recorded.installed?.digest === digest) return { kind: 'InSync', job };
  if (job === undefined) {
    if (recorded.failedDigest === key) return { kind: 'GivenUp' };
    return retry && observed.now < Date.parse(retry.nextTime)
      ? { kind: 'Resting', content, retry }
      : { kind: 'NotStarted', content, name, retry };
  }
  if (job.metadata.deletionTimestamp) return { kind: 'JobDeleting', job };
  if (job.spec.suspend) return suspendedState(content, job);
  const outcome = outcomeOf(observed, job);
  if (hasOldSettings(observed, outcome)) return { kind: 'SettingsOutdated', job };
  const hasEnded = outcome.kind === 'succeeded' || outcome.kind === 'failed';
  const wasStartedLast = recorded.installing?.digest === digest;
  return hasEnded && !wasStartedLast
    ? { kind: 'JobOutdated', job }
    : { kind: 'Started', content, job, outcome, key, retry };
}

/** Only a Job into which the webhook has put the sources of the right generation may run. */
function suspendedState(content: Content, job: Job): State {
  const { annotations = {} } = job.metadata;
  const generation = annotations[ANNOTATION.injectedGeneration];
  if (generation === undefined) return { kind: 'NotInjected', job };
  if (generation !== annotations[ANNOTATION.pluginGeneration]) {
    return { kind: 'InjectedOtherwise', job, generation };
  }
  return { kind: 'ReadyToStart', content, job };
}

/** Nothing of such a Job has run yet, and its template can't be changed. */
const hasOldSettings = ({ blockage, settingsChanged }: Observation, outcome: JobOutcome) =>
  blockage !== undefined &&
  settingsChanged === true &&
  outcome.kind === 'running' &&
  outcome.step === undefined;

/** How a Job stands by its pods and by itself. */
export const outcomeOf = ({ pods }: Pick<Observation, 'pods'>, job: Job): JobOutcome =>
  jobOutcome(job, pods.filter((pod) => isPodOf(pod, job)).map(attemptOf));

/** What a failure is remembered by: a new digest or a new retry stamp is another try. */
export const failureKey = (digest: string, retry: string) =>
  retry === '' ? digest : sha256(`${digest}\n${retry}`);

export const retryOf = ({ cluster }: Pick<Observation, 'cluster'>) =>
  cluster.metadata.annotations?.[ANNOTATION.retry] ?? '';

/** Each Job of a row has a name of its own, so that the one before is kept until the next one runs. */
export function nameOfJob(
  observed: Pick<Observation, 'cluster' | 'wanted'>,
  digest: string,
  failedJobs = 0,
): string {
  const { cluster, wanted } = observed;
  const { name: plugin, uid: pluginUid } = wanted.plugin.metadata;
  const clusterUid = cluster.metadata.uid;
  const retry = failedJobs === 0 ? retryOf(observed) : `${retryOf(observed)}#${failedJobs}`;
  return jobName({ plugin, clusterUid, pluginUid, digest, retry });
}
