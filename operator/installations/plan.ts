import { ANNOTATION, jobName, sha256 } from '#api/contract/names.ts';
import type { Problem } from '#api/problem.ts';
import type { Job } from '#kube/resources.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import { currentJob, isStartedAfter, supersede } from '#operator/executor-jobs/jobs.ts';
import { asInstalled, begun, waiting } from './entry.ts';
import type { PluginObservation, PluginPlan } from './observation.ts';
import { outcomeOf, planRunning } from './plan-running.ts';

const REMAKE_AFTER_MS = { 'not injected': 3_000, 'injected otherwise': 250 } as const;
const DELETING_RETRY_MS = 1_000;
/** Missing references are looked for again; most things that appear are watched as well. */
export const RETRY_MS = 3_000;

/** What to do about one plugin, and what to say of it. Pure and total. */
export function planPlugin(observed: PluginObservation): PluginPlan {
  const { content, recorded, wanted, cluster, jobs } = observed;
  // What no retry can mend waits for a change of the plugin or the cluster.
  if ('reason' in content) return waiting(observed, content, content.terminal ? undefined : RETRY_MS);
  const { digest } = content;
  const retry = cluster.metadata.annotations?.[ANNOTATION.retry] ?? '';
  const { name: plugin, uid: pluginUid } = wanted.plugin.metadata;
  const name = jobName({ plugin, clusterUid: cluster.metadata.uid, pluginUid, digest, retry });
  // A failure is known before its Job says so, and must not be taken for one of the next try.
  const hasFailed = (one: Job) => outcomeOf(observed, one).kind === 'failed';
  const job = currentJob(jobs, { name, digest, hasFailed });
  if (recorded?.digest === digest && !jobs.some(isStartedAfter(job, digest))) {
    return { status: asInstalled(recorded), acts: supersede(jobs, job), progress: 'installed' };
  }
  const key = failureKey(digest, retry);
  if (job === undefined) return planWithoutJob(observed, content, name, key);
  if (job.metadata.deletionTimestamp) {
    const message = `the previous Job ${job.metadata.name} is being deleted`;
    return waiting(observed, { reason: 'JobDeleting', message }, DELETING_RETRY_MS);
  }
  if (isOutdated(observed, job, digest)) return startAnew(observed, job);
  return job.spec.suspend ? planSuspended(observed, content, job) : planRunning(observed, content, job, key);
}

/** What a failure is remembered by: a new digest or a new retry stamp is another try. */
export const failureKey = (digest: string, retry: string) =>
  retry === '' ? digest : sha256(`${digest}\n${retry}`);

/**
 * Whether the Job had ended before another content was let run: what it came to is not what is in the target. A kill
 * between the start of the other one and the deletion of this one leaves both, and the plugin may have been changed
 * back since.
 */
function isOutdated(observed: PluginObservation, job: Job, digest: string): boolean {
  const { kind } = outcomeOf(observed, job);
  return (kind === 'succeeded' || kind === 'failed') && observed.jobs.some(isStartedAfter(job, digest));
}

/** Its name is needed again. The other Job is replaced in the ordinary way, once the new one runs. */
function startAnew({ recorded, wanted, hold }: PluginObservation, job: Job): PluginPlan {
  const { digest: _, failedDigest: __, ...known } = recorded ?? { name: wanted.plugin.metadata.name };
  const unsure = { wanted, recorded: { phase: 'Pending' as const, ...known } };
  if (hold) return waiting(unsure, hold);
  const message = `Job ${job.metadata.name} had ended before the plugin was changed and changed back; it is made again`;
  return {
    ...waiting(unsure, { reason: 'JobDeleting', message }, DELETING_RETRY_MS),
    acts: [{ kind: 'delete', job, because: 'outdated' }],
  };
}

function planWithoutJob(
  observed: PluginObservation,
  content: Content,
  name: string,
  key: string,
): PluginPlan {
  const { recorded, hold, jobs } = observed;
  const isChanged = jobs.some(isStartedAfter(undefined, content.digest));
  if (recorded?.phase === 'Failed' && recorded.failedDigest === key && !isChanged) {
    return { status: recorded, acts: [], progress: 'failed' };
  }
  if (hold) return waiting(observed, hold);
  return {
    status: { ...begun(observed), reason: 'JobCreating', message: `creating Job ${name}` },
    acts: [{ kind: 'create', name, content }],
    progress: 'working',
  };
}

/** Only a Job into which the webhook has put the sources of the right generation is ever let run. */
function planSuspended(observed: PluginObservation, content: Content, job: Job): PluginPlan {
  const { annotations = {} } = job.metadata;
  const injected = annotations[ANNOTATION.injectedGeneration];
  if (injected === undefined) {
    const message = 'the Job was admitted while the webhook was away; it is made again';
    return remake(observed, job, 'not injected', { reason: 'WebhookUnavailable', message });
  }
  if (injected !== annotations[ANNOTATION.pluginGeneration]) {
    const message = `the webhook injected generation ${injected} of the plugin; the Job is made again`;
    return remake(observed, job, 'injected otherwise', { reason: 'PluginChanged', message });
  }
  if (observed.hold) return waiting(observed, observed.hold);
  return {
    status: { ...begun(observed, job), reason: 'JobReleasing', message: `starting Job ${job.metadata.name}` },
    acts: [{ kind: 'release', job, content }],
    progress: 'working',
  };
}

function remake(
  observed: PluginObservation,
  job: Job,
  because: keyof typeof REMAKE_AFTER_MS,
  problem: Problem,
): PluginPlan {
  return {
    ...waiting(observed, problem, REMAKE_AFTER_MS[because]),
    acts: [{ kind: 'delete', job, because }],
  };
}
