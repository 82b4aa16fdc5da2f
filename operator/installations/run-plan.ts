import { ReasonedError } from '#api/errors.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import { problemOf } from '#api/problem.ts';
import { ApiError, isConflict } from '#kube/errors.ts';
import type { Job } from '#kube/resources.ts';
import type { JobAct } from '#operator/executor-jobs/act.ts';
import { type ActContext, type ActDependencies, execute } from '#operator/executor-jobs/execute.ts';
import type { InstallationPlan, Observation, PlannedStatus } from './observation.ts';
import { planFor, planInstallation, RETRY_MS } from './plan.ts';
import type { State } from './state.ts';
import { waiting } from './status.ts';

/** A plan after its acts; `error` when one failed in a way that only a later try can fix. */
export type Result = InstallationPlan & { error?: unknown };

export type RunDependencies = ActDependencies & {
  onJob: (job: Job) => void;
  onJobGone: (job: Job) => void;
};

export type RunContext = Omit<ActContext, 'beforeStart'> & {
  /** Writes the status down and gives it back as written: before a Job is let run. */
  record: (status: PlannedStatus) => Promise<PluginInstallationStatus>;
};

/** create, unsuspend and one look at the result: more rounds than these mean a loop. */
const MAX_ROUNDS = 6;

/**
 * Acts and plans again until there is nothing left to do now: the Job that a create answers with is unsuspended in the
 * same go, without waiting for a watch.
 * @throws ApiError a conflict: the installation has changed, and everything is decided again
 */
export async function runPlan(
  deps: RunDependencies,
  context: RunContext,
  first: Observation,
  state: State,
): Promise<Result> {
  let observed = first;
  let plan = planFor(observed, state);
  for (let round = 0; round < MAX_ROUNDS && plan.acts.length > 0; round++) {
    for (const act of plan.acts) {
      let { recorded } = observed;
      const { status } = plan;
      const beforeStart = async () => {
        recorded = await context.record(status);
      };
      try {
        observed = { ...(await step(deps, { ...context, beforeStart }, observed, act)), recorded };
      } catch (error) {
        return failed({ ...observed, recorded }, error);
      }
    }
    // The next attempt does the rest.
    if (plan.acts.every(({ kind }) => kind === 'refresh')) return plan;
    // It is created again, but not at once: whatever was wrong needs a moment.
    if (plan.acts.some((act) => act.kind === 'delete' && act.because !== 'superseded')) return plan;
    plan = planInstallation(observed);
  }
  return plan;
}

async function step(
  deps: RunDependencies,
  context: ActContext,
  observed: Observation,
  act: JobAct,
): Promise<Observation> {
  const job = await execute(deps, context, act);
  if (job) deps.onJob(job);
  else if (act.kind === 'delete') deps.onJobGone(act.job);
  return { ...observed, jobs: jobsAfter(observed.jobs, act, job) };
}

function jobsAfter(jobs: readonly Job[], act: JobAct, job: Job | undefined): Job[] {
  const gone = act.kind === 'create' ? job?.metadata.name : act.job.metadata.name;
  const rest = jobs.filter(({ metadata }) => metadata.name !== gone);
  return job ? [...rest, job] : rest;
}

function failed({ recorded }: Observation, error: unknown): Result {
  if (isConflict(error)) throw error;
  if (error instanceof ApiError) {
    const { reason, message } = error;
    return { ...waiting(recorded, { reason, message }), error };
  }
  if (!(error instanceof ReasonedError)) throw error;
  const { terminal, ...problem } = problemOf(error);
  return waiting(recorded, problem, terminal ? undefined : RETRY_MS);
}
