import type { RetryRecord } from '#api/kinds/plugininstallation.ts';
import type { Problem } from '#api/problem.ts';
import type { Job } from '#kube/resources.ts';
import type { JobAct } from '#operator/executor-jobs/act.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import { supersede } from '#operator/executor-jobs/jobs.ts';
import { followJob, orderFor } from './follow-job.ts';
import type { InstallationPlan, Observation, PlannedStatus } from './observation.ts';
import { timeLeft } from './retry.ts';
import { type State, stateOf } from './state.ts';
import { creating, given, lasting, resting, started, tidy, waiting } from './status.ts';

const RECREATE_AFTER_MS = { NotInjected: 3_000, InjectedOtherwise: 250, SettingsOutdated: 250 } as const;
const DELETING_RETRY_MS = 1_000;
/** Missing references are looked for again; most things that appear are watched as well. */
export const RETRY_MS = 3_000;

type Planner<Kind extends State['kind']> = (
  observed: Observation,
  state: Extract<State, { kind: Kind }>,
) => InstallationPlan;

/** What each state calls for: a row a state. Pure and total. */
const PLANS: { [Kind in State['kind']]: Planner<Kind> } = {
  // A terminal problem waits for a change of the plugin or the cluster.
  Unresolved: ({ recorded }, { problem }) =>
    waiting(recorded, problem, problem.terminal ? undefined : RETRY_MS),
  InSync: ({ recorded, jobs }, { job }) => ({ status: inSync(recorded), acts: supersede(jobs, job) }),
  GivenUp: ({ recorded }) => ({ status: givenUp(recorded), acts: [] }),
  Resting: (observed, { content, retry }) => rest(observed, content, retry),
  NotStarted: (observed, { content, name, retry }) => {
    const { recorded, hold } = observed;
    if (hold) return retry ? holdRetry(observed, hold, content, retry) : waiting(recorded, hold);
    return { status: creating(recorded, name), acts: [{ kind: 'create', name, content }] };
  },
  JobDeleting: ({ recorded }, { job }) => {
    const message = `the previous Job ${job.metadata.name} is being deleted`;
    return waiting(recorded, { reason: 'JobDeleting', message }, DELETING_RETRY_MS);
  },
  JobOutdated: startOver,
  NotInjected: (observed, { kind, job }) => {
    const message = 'the Job was admitted without the webhook; recreating it';
    return recreate(observed, job, kind, { reason: 'WebhookUnavailable', message });
  },
  InjectedOtherwise: (observed, { kind, job, generation }) => {
    const message = `the webhook injected generation ${generation} of the plugin; recreating the Job`;
    return recreate(observed, job, kind, { reason: 'PluginChanged', message });
  },
  SettingsOutdated: (observed, { kind, job }) => {
    const message = 'the settings of executor pods have changed; recreating the Job';
    return recreate(observed, job, kind, { reason: 'JobDeleting', message });
  },
  ReadyToStart: (observed, { content, job }) => {
    if (observed.hold) return waiting(observed.recorded, observed.hold);
    const status = started(observed, content, job);
    const act = {
      kind: 'unsuspend',
      job,
      content: orderFor(observed, content, status, observed.now),
    } as const;
    return { status, acts: [act] };
  },
  Started: followJob,
};

/** What to do about an installation that is wanted, and what to say of it. Pure and total. */
export function planInstallation(observed: Observation): InstallationPlan {
  return planFor(observed, stateOf(observed));
}

/** The same for a state that is known already. */
export function planFor(observed: Observation, state: State): InstallationPlan {
  const plan = PLANS[state.kind] as Planner<State['kind']>;
  return plan(observed, state);
}

/** It may have waited in between, for a reference that was missing or a target that did not answer. */
function inSync(recorded: Observation['recorded']): PlannedStatus {
  const { installing: _, action: __, ...status } = given(recorded);
  const message = status.reason === 'Installed' ? status.message : '';
  return tidy({ ...status, phase: 'Installed', reason: 'Installed', message });
}

/** Likewise: what it failed with is in the history. */
function givenUp(recorded: Observation['recorded']): PlannedStatus {
  const { action: _, ...status } = given(recorded);
  const [last] = recorded.history ?? [];
  const wasSaid = last === undefined || status.reason === last.reason;
  const { reason, message } = wasSaid ? status : last;
  return tidy({ ...status, phase: 'Failed', reason, message });
}

/** The next Job has its time; the time of the whole may be over before. */
function rest(observed: Observation, content: Content, retry: RetryRecord): InstallationPlan {
  const { now, recorded } = observed;
  const status = resting(given(recorded), retry, observed, content);
  return { status, acts: [], requeueAfterMs: Date.parse(retry.nextTime) - now };
}

/** The next Job is due and something keeps it back: that is the reason while there is time. */
function holdRetry(
  observed: Observation,
  { reason, message }: Problem,
  { order }: Content,
  retry: RetryRecord,
): InstallationPlan {
  const status = given(observed.recorded);
  const leftMs = timeLeft(retry.startTime, order.timeoutMs, observed.now);
  if (leftMs === 0) return { status: resting(status, retry, observed, { order }), acts: [] };
  const { action: _, ...rest } = status;
  return { status: tidy({ ...rest, phase: 'Pending', reason, message }), acts: [], requeueAfterMs: leftMs };
}

/** Its name is needed again. The other Job is superseded once the new one runs. */
function startOver({ recorded, hold }: Observation, { job }: { job: Job }): InstallationPlan {
  const { failedDigest: _, ...known } = lasting(recorded);
  if (hold) return waiting(known, hold);
  const message = `Job ${job.metadata.name} ran before the plugin was changed and reverted; recreating it`;
  return {
    ...waiting(known, { reason: 'JobDeleting', message }, DELETING_RETRY_MS),
    acts: [{ kind: 'delete', job, because: 'outdated' }],
  };
}

const BECAUSE = {
  NotInjected: 'not injected',
  InjectedOtherwise: 'injected otherwise',
  SettingsOutdated: 'settings changed',
} as const;

function recreate(
  { recorded }: Observation,
  job: Job,
  kind: keyof typeof RECREATE_AFTER_MS,
  problem: { reason: string; message: string },
): InstallationPlan {
  const act: JobAct = { kind: 'delete', job, because: BECAUSE[kind] };
  return { ...waiting(recorded, problem, RECREATE_AFTER_MS[kind]), acts: [act] };
}
