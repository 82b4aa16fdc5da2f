import type { Job } from '#kube/resources.ts';
import type { JobAct } from '#operator/executor-jobs/act.ts';
import { supersede } from '#operator/executor-jobs/jobs.ts';
import type { InstallationPlan, Observation, PlannedStatus } from './observation.ts';
import { type State, stateOf } from './state.ts';
import { creating, failed, lasting, STEP_MESSAGES, started, succeeded, tidy, waiting } from './status.ts';

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
  NotStarted: ({ recorded, hold }, { content, name }) =>
    hold
      ? waiting(recorded, hold)
      : { status: creating(recorded, name), acts: [{ kind: 'create', name, content }] },
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
  ReadyToStart: (observed, { content, job }) =>
    observed.hold
      ? waiting(observed.recorded, observed.hold)
      : { status: started(observed, content, job), acts: [{ kind: 'unsuspend', job, content }] },
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

/** The planned part of the status as it is recorded. */
function given({
  conditions: _,
  history: __,
  observedGeneration: ___,
  observedClusterGeneration: ____,
  observedPluginGeneration: _____,
  ...status
}: Observation['recorded']): PlannedStatus {
  return status;
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

/** What a Job that was let run has come to. */
function followJob(
  observed: Observation,
  { content, job, outcome, key }: Extract<State, { kind: 'Started' }>,
): InstallationPlan {
  const base = started(observed, content, job);
  const acts = supersede(observed.jobs, job);
  const working = (fields: Partial<PlannedStatus>): InstallationPlan => {
    const { blockage } = observed;
    return { status: tidy({ ...base, ...(blockage ? { phase: 'Pending', ...blockage } : fields) }), acts };
  };
  switch (outcome.kind) {
    case 'succeeded':
      return { status: succeeded(base, content, outcome), acts };
    case 'failed':
      return { status: failed(base, outcome, key), acts };
    case 'retrying': {
      const message = `attempt ${outcome.failed} failed, retrying: ${outcome.message}`;
      return working({ reason: outcome.reason, message });
    }
    case 'running': {
      const reason = { none: 'PodStarting', fetch: 'Fetching', install: 'Installing' } as const;
      const step = reason[outcome.step ?? 'none'];
      return working({ reason: step, message: STEP_MESSAGES[step] });
    }
  }
}
