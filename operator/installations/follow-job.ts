import type { RetryRecord } from '#api/kinds/plugininstallation.ts';
import type { Job } from '#kube/resources.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import type { JobOutcome } from '#operator/executor-jobs/job-outcome.ts';
import { isPodOf, supersede } from '#operator/executor-jobs/jobs.ts';
import { foreignContainers, shownContainers } from '#operator/executor-jobs/kept-pods.ts';
import { withFormer } from './left.ts';
import type { InstallationPlan, Observation, PlannedStatus } from './observation.ts';
import { afterFailure, timeLeft } from './retry.ts';
import { nameOfJob, type State } from './state.ts';
import { failed, resting, STEP_MESSAGES, started, succeeded, tidy } from './status.ts';

type Started = Extract<State, { kind: 'Started' }>;
type Failed = JobOutcome & { kind: 'failed' };

/** While an executor runs, how often it is seen to that the target still answers. */
const TARGET_LOOK_MS = 15_000;
/** Between two attempts, how often it is seen to that the next one gets the newest credentials. */
const REFRESH_MS = 5_000;

/** What a Job that was let run has come to. Pure. */
export function followJob(observed: Observation, state: Started): InstallationPlan {
  const { content, job, outcome, key } = state;
  const base = started(observed, content, job);
  const acts = supersede(observed.jobs, job);
  const working = (fields: Partial<PlannedStatus>): PlannedStatus => {
    const { blockage } = observed;
    return tidy({ ...base, ...(blockage ? { phase: 'Pending', ...blockage } : fields) });
  };
  switch (outcome.kind) {
    case 'succeeded':
      return { status: naming(succeeded(base, content, outcome), keepers(observed, job)), acts };
    case 'failed':
      return isPassing(outcome, base)
        ? { ...retryLater(observed, state, base, outcome), acts }
        : { status: failed(base, outcome, key), acts };
    case 'retrying': {
      const count = (state.retry?.attempts ?? 0) + outcome.failed;
      const message = `attempt ${count} failed, retrying: ${outcome.message}`;
      const status = working({ reason: outcome.reason, message });
      if (leftOf(content, base, observed.now) === 0) return { status, acts: [...acts, { kind: 'end', job }] };
      const at = outcome.finishedAt === undefined ? observed.now : Date.parse(outcome.finishedAt);
      const refreshed = orderFor(observed, content, base, at);
      return {
        status,
        acts: [...acts, { kind: 'refresh', job, content: refreshed }],
        requeueAfterMs: REFRESH_MS,
      };
    }
    case 'running': {
      const reason = { none: 'PodStarting', fetch: 'Fetching', install: 'Installing' } as const;
      const step = reason[outcome.step ?? 'none'];
      const problem = observed.targetProblem ?? { reason: step, message: STEP_MESSAGES[step] };
      return { status: working(problem), acts, requeueAfterMs: TARGET_LOOK_MS };
    }
  }
}

const keepers = ({ pods }: Observation, job: Job) =>
  pods.filter((pod) => isPodOf(pod, job)).flatMap(foreignContainers);

/** The Job goes with the pod, so the status says why. */
function naming(status: PlannedStatus, containers: readonly string[]): PlannedStatus {
  if (containers.length === 0) return status;
  const why = `${shownContainers(containers)} kept the pod running, so its Job is deleted`;
  return tidy({ ...status, message: status.message ? `${status.message}; ${why}` : why });
}

/** Whether another Job may do better: an install that ran out of time had less than all of it after a failure before. */
const isPassing = ({ mayPass, reason }: Failed, { attempts = 0 }: PlannedStatus): boolean =>
  mayPass || (reason === 'InstallTimeout' && attempts > 1);

function retryLater(
  observed: Observation,
  { content, key, retry: before }: Started,
  base: PlannedStatus,
  outcome: Failed,
): Pick<InstallationPlan, 'status' | 'requeueAfterMs'> {
  const { now } = observed;
  const retry: RetryRecord = afterFailure({
    key,
    before,
    outcome,
    startTime: base.startTime ?? new Date(now).toISOString(),
    attempts: base.attempts ?? 1,
    timeoutMs: content.order.timeoutMs,
    now,
  });
  const status = resting({ ...base, completionTime: outcome.finishedAt }, retry, observed, content);
  return { status, requeueAfterMs: Date.parse(retry.nextTime) - now };
}

const leftOf = ({ order }: Content, { startTime }: PlannedStatus, at: number): number =>
  startTime === undefined ? order.timeoutMs : timeLeft(startTime, order.timeoutMs, at);

/** The content with what is left of its time at `at`, if an attempt has failed before, and the first Job of its row. */
export function orderFor(
  observed: Observation,
  content: Content,
  status: PlannedStatus,
  at: number,
): Content {
  const { order, digest } = content;
  const isFirst = status.attempts === 0;
  const leftMs = (isFirst ? 0 : leftOf(content, status, at)) || order.timeoutMs;
  const timeoutMs = Math.min(order.timeoutMs, leftMs);
  const timed = { ...content, order: { ...order, timeoutMs, job: nameOfJob(observed, digest) } };
  return withFormer(timed, status.former);
}
