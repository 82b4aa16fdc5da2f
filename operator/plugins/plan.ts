import { ANNOTATION, jobName, sha256 } from '#api/names.ts';
import type { VirtualCluster } from '#api/objects.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import type { PluginStatus } from '#api/virtualcluster.ts';
import type { Job, Pod } from '../objects.ts';
import { attemptOf } from './attempt.ts';
import type { Blockage } from './blockage.ts';
import type { Content } from './content.ts';
import { jobOutcome } from './job-outcome.ts';

export type Problem = { reason: string; message: string };

/** Everything that the decision about one plugin of one cluster depends on. */
export type PluginObservation = {
  cluster: VirtualCluster;
  wanted: WantedPlugin;
  /** What is to be installed, or why that can't be said. */
  content: Content | Problem;
  /** What the status says so far: the durable record. */
  recorded: PluginStatus | undefined;
  /** All Jobs of this plugin for this cluster, and their pods. */
  jobs: Job[];
  pods: Pod[];
  blockage?: Blockage | undefined;
  /** Why nothing may be started now: the target does not answer, or the cluster is suspended. */
  hold?: Problem | undefined;
};

export type PluginAct =
  | { kind: 'create'; name: string; content: Content }
  /** Make its Secret, pin it, let it run. */
  | { kind: 'release'; job: Job; content: Content }
  | { kind: 'delete'; job: Job; because: 'superseded' | 'not injected' | 'injected otherwise' };

export type PluginPlan = {
  status: PluginStatus;
  acts: PluginAct[];
  requeueAfterMs?: number | undefined;
  /** Whether it is on its way, done, or given up until something changes. */
  progress: 'waiting' | 'working' | 'installed' | 'failed';
};

const REMAKE_AFTER_MS = { notInjected: 3_000, otherwise: 250 } as const;
/** Missing references are looked for again; most things that appear are watched as well. */
export const RETRY_MS = 3_000;

/** What to do about one plugin, and what to say of it. Pure and total: names each state once. */
export function planPlugin(observed: PluginObservation): PluginPlan {
  const { content, recorded, wanted, cluster } = observed;
  if ('reason' in content) return waiting(observed, content, RETRY_MS);
  const retry = cluster.metadata.annotations?.[ANNOTATION.retry] ?? '';
  const name = jobName({
    plugin: wanted.plugin.metadata.name,
    clusterUid: cluster.metadata.uid,
    pluginUid: wanted.plugin.metadata.uid,
    digest: content.digest,
    retry,
  });
  const job = currentJob(observed.jobs, name, content.digest);
  const others = observed.jobs.filter((one) => one !== job);
  if (recorded?.digest === content.digest && !others.some(isStartedAfter(job))) {
    return { status: asInstalled(recorded), acts: cleanUp(observed.jobs, job), progress: 'installed' };
  }
  if (job === undefined) return withoutJob(observed, content, name, failureKey(content.digest, retry));
  if (job.metadata.deletionTimestamp) {
    const message = `the previous Job ${job.metadata.name} is being deleted`;
    return waiting(observed, { reason: 'JobDeleting', message }, 1_000);
  }
  if (job.spec.suspend) return withSuspendedJob(observed, content, job);
  return withRunningJob(observed, content, job, failureKey(content.digest, retry), others);
}

/** What a failure is remembered by: a new digest or a new retry stamp is another try. */
export const failureKey = (digest: string, retry: string) =>
  retry === '' ? digest : sha256(`${digest}\n${retry}`);

/** The Job of this name, or one under way for the same digest: a retry stamp does not restart what runs. */
function currentJob(jobs: readonly Job[], name: string, digest: string): Job | undefined {
  return (
    jobs.find(({ metadata }) => metadata.name === name) ??
    jobs.find((job) => job.metadata.annotations?.[ANNOTATION.digest] === digest && !isFinished(job))
  );
}

export const isFinished = ({ status }: Job) =>
  (status?.conditions ?? []).some(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  );

/** Another content was let run since: what is recorded may no longer be what is there. */
const isStartedAfter = (job: Job | undefined) => (other: Job) =>
  other.spec.suspend !== true &&
  other.metadata.annotations?.[ANNOTATION.digest] !== job?.metadata.annotations?.[ANNOTATION.digest] &&
  (job === undefined || createdAt(other) > createdAt(job));

const createdAt = (job: Job) => Date.parse(job.metadata.creationTimestamp ?? '');

/** It may have waited in between, for a reference that was missing or a target that did not answer. */
const asInstalled = (recorded: PluginStatus): PluginStatus =>
  recorded.phase === 'Installed'
    ? recorded
    : { ...recorded, phase: 'Installed', reason: 'Installed', message: '' };

function withoutJob(observed: PluginObservation, content: Content, name: string, key: string): PluginPlan {
  const { recorded, hold } = observed;
  if (recorded?.phase === 'Failed' && recorded.failedDigest === key) {
    return { status: recorded, acts: [], progress: 'failed' };
  }
  if (hold) return waiting(observed, hold);
  return {
    status: { ...begun(observed), reason: 'JobCreating', message: `creating Job ${name}` },
    acts: [{ kind: 'create', name, content }],
    progress: 'working',
  };
}

function withSuspendedJob(observed: PluginObservation, content: Content, job: Job): PluginPlan {
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
  because: 'not injected' | 'injected otherwise',
  problem: Problem,
): PluginPlan {
  const after = because === 'not injected' ? REMAKE_AFTER_MS.notInjected : REMAKE_AFTER_MS.otherwise;
  return { ...waiting(observed, problem, after), acts: [{ kind: 'delete', job, because }] };
}

function withRunningJob(
  observed: PluginObservation,
  content: Content,
  job: Job,
  key: string,
  others: Job[],
): PluginPlan {
  const ofJob = observed.pods.filter((pod) => isPodOf(pod, job));
  const outcome = jobOutcome(job, ofJob.map(attemptOf));
  const acts = others.filter(isDeletable).map(supersede);
  const base = { ...begun(observed, job), attempts: attemptsOf(job, ofJob) };
  switch (outcome.kind) {
    case 'succeeded': {
      const { release, revision, verified } = outcome.report ?? {};
      const judged = content.order.verify ? ('Yes' as const) : ('NotAsked' as const);
      const status: PluginStatus = {
        ...base,
        phase: 'Installed',
        reason: 'Installed',
        message: outcome.report?.message ?? '',
        digest: content.digest,
        verified: verified ?? judged,
        release:
          release ?? (content.order.install.kind === 'chart' ? content.order.install.releaseName : undefined),
        revision,
        completionTime: outcome.finishedAt ?? job.status?.completionTime,
      };
      return { status: tidy(status), acts, progress: 'installed' };
    }
    case 'failed': {
      const { reason, message, finishedAt } = outcome;
      const status: PluginStatus = { ...base, phase: 'Failed', reason, message, failedDigest: key };
      return { status: tidy({ ...status, completionTime: finishedAt }), acts, progress: 'failed' };
    }
    case 'retrying': {
      if (observed.blockage) return blocked(base, observed.blockage, acts);
      const message = `attempt ${outcome.failed} failed, it is tried again: ${outcome.message}`;
      const status = { ...base, phase: 'Installing' as const, reason: outcome.reason, message };
      return { status: tidy(status), acts, progress: 'working' };
    }
    case 'running': {
      if (observed.blockage) return blocked(base, observed.blockage, acts);
      const reason =
        outcome.step === undefined ? 'PodStarting' : outcome.step === 'fetch' ? 'Fetching' : 'Installing';
      return { status: tidy({ ...base, reason, message: STEP_MESSAGES[reason] }), acts, progress: 'working' };
    }
  }
}

const blocked = (base: PluginStatus, blockage: Blockage, acts: PluginAct[]): PluginPlan => ({
  status: tidy({ ...base, phase: 'Pending', ...blockage }),
  acts,
  progress: 'working',
});

const STEP_MESSAGES = {
  PodStarting: 'the executor pod is starting',
  Fetching: 'the sources are being fetched',
  Installing: 'the executor installs and verifies',
} as const;

export const isPodOf = (pod: Pod, job: Job) =>
  (pod.metadata.ownerReferences ?? []).some(({ uid }) => uid === job.metadata.uid);

function attemptsOf({ status }: Job, ofJob: readonly Pod[]): number {
  return Math.max((status?.failed ?? 0) + (status?.active ?? 0) + (status?.succeeded ?? 0), ofJob.length);
}

const isDeletable = ({ metadata }: Job) => metadata.deletionTimestamp === undefined;
const supersede = (job: Job): PluginAct => ({ kind: 'delete', job, because: 'superseded' });

/** Keeps the newest finished Job, whose log people read, and what is current. */
function cleanUp(jobs: readonly Job[], current: Job | undefined): PluginAct[] {
  const kept = current ?? [...jobs].sort((a, b) => createdAt(b) - createdAt(a))[0];
  return jobs.filter((job) => job !== kept && isDeletable(job)).map(supersede);
}

/** The status of a plugin on its way: the old digest is no longer true once a Job was let run. */
function begun({ recorded, wanted }: PluginObservation, job?: Job): PluginStatus {
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

/** Nothing can be started; what was installed before is still there. */
export function waiting(
  { recorded, wanted }: Pick<PluginObservation, 'recorded' | 'wanted'>,
  { reason, message }: Problem,
  requeueAfterMs?: number,
): PluginPlan {
  const { name, namespace } = wanted.plugin.metadata;
  const { release, revision, verified, digest, failedDigest } = recorded ?? {};
  const kept = { release, revision, verified, digest, failedDigest };
  return {
    status: tidy({ name, namespace, phase: 'Pending', reason, message, ...kept }),
    acts: [],
    progress: 'waiting',
    requeueAfterMs,
  };
}

/** Without undefined fields and within the limits of the schema. */
function tidy(status: { [Key in keyof PluginStatus]: PluginStatus[Key] | undefined }): PluginStatus {
  const message = status.message?.slice(0, 1024);
  const defined = Object.entries({ ...status, message }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as PluginStatus;
}
