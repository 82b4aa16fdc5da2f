import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import type { Job } from '#kube/resources.ts';
import { attemptOf } from '#operator/executor-jobs/attempt.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import { type JobOutcome, jobOutcome } from '#operator/executor-jobs/job-outcome.ts';
import { attemptsOf, isPodOf, supersede } from '#operator/executor-jobs/jobs.ts';
import { begun, tidy } from './entry.ts';
import type { PluginObservation, PluginPlan } from './observation.ts';

const STEP_MESSAGES = {
  PodStarting: 'the executor pod is starting',
  Fetching: 'the sources are being fetched',
  Installing: 'the executor installs and verifies',
} as const;

/** How a Job stands by its pods and by itself. */
export const outcomeOf = ({ pods }: Pick<PluginObservation, 'pods'>, job: Job): JobOutcome =>
  jobOutcome(job, pods.filter((pod) => isPodOf(pod, job)).map(attemptOf));

/** What a Job that was let run has come to. `key` is what its failure is remembered by. */
export function planRunning(
  observed: PluginObservation,
  content: Content,
  job: Job,
  key: string,
): PluginPlan {
  const pods = observed.pods.filter((pod) => isPodOf(pod, job));
  const base = { ...begun(observed, job), attempts: attemptsOf(job, pods) };
  return {
    ...conclude(observed, content, base, outcomeOf(observed, job), key),
    acts: supersede(observed.jobs, job),
  };
}

function conclude(
  { blockage }: PluginObservation,
  content: Content,
  base: PluginStatus,
  outcome: JobOutcome,
  key: string,
): Omit<PluginPlan, 'acts'> {
  const working = (fields: Partial<PluginStatus>): Omit<PluginPlan, 'acts'> => ({
    status: tidy({ ...base, ...(blockage ? { phase: 'Pending', ...blockage } : fields) }),
    progress: 'working',
  });
  switch (outcome.kind) {
    case 'succeeded':
      return { status: tidy(installed(base, content, outcome)), progress: 'installed' };
    case 'failed': {
      const { reason, message, finishedAt: completionTime } = outcome;
      const verified = reason === 'VerifyTimeout' ? ('No' as const) : base.verified;
      const fields = { reason, message, completionTime, failedDigest: key, verified };
      return { status: tidy({ ...base, ...fields, phase: 'Failed' }), progress: 'failed' };
    }
    case 'retrying': {
      const message = `attempt ${outcome.failed} failed, it is tried again: ${outcome.message}`;
      return working({ reason: outcome.reason, message });
    }
    case 'running': {
      const reason = { none: 'PodStarting', fetch: 'Fetching', install: 'Installing' } as const;
      const step = reason[outcome.step ?? 'none'];
      return working({ reason: step, message: STEP_MESSAGES[step] });
    }
  }
}

function installed(
  base: PluginStatus,
  { digest, order }: Content,
  { report, finishedAt }: JobOutcome & { kind: 'succeeded' },
) {
  const ofChart = order.install.kind === 'chart' ? order.install.releaseName : undefined;
  return {
    ...base,
    phase: 'Installed' as const,
    reason: 'Installed',
    message: report?.message ?? '',
    digest,
    verified: report?.verified ?? (order.verify ? ('Yes' as const) : ('NotAsked' as const)),
    release: report?.release ?? ofChart,
    revision: report?.revision,
    completionTime: finishedAt,
  };
}
