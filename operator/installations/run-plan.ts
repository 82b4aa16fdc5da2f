import { ReasonedError } from '#api/errors.ts';
import { problemOf } from '#api/problem.ts';
import { ApiError } from '#kube/errors.ts';
import type { Job } from '#kube/resources.ts';
import type { PluginAct } from '#operator/executor-jobs/act.ts';
import { type ActContext, type ActDependencies, carryOut } from '#operator/executor-jobs/execute.ts';
import { waiting } from './entry.ts';
import type { PluginObservation, PluginPlan } from './observation.ts';
import { planPlugin, RETRY_MS } from './plan.ts';

/** A plan after its acts; `error` when one failed in a way that only a later try can mend. */
export type Driven = PluginPlan & { error?: unknown };

export type DriveDependencies = ActDependencies & {
  onJob?: (job: Job) => void;
  onJobGone?: (job: Job) => void;
};

/** create, release and one look at the result: more rounds than these mean a loop. */
const MAX_ROUNDS = 6;

/**
 * Plans and acts until there is nothing left to do now: the Job that a create answers with is released in the
 * same go, without waiting for a watch.
 */
export async function drive(
  deps: DriveDependencies,
  context: ActContext,
  first: PluginObservation,
): Promise<Driven> {
  let observation = first;
  let plan = planPlugin(observation);
  for (let round = 0; round < MAX_ROUNDS && plan.acts.length > 0; round++) {
    for (const act of plan.acts) {
      try {
        observation = await step(deps, context, observation, act);
      } catch (error) {
        return failed(observation, error);
      }
    }
    // To be made again, but not at once: whatever was wrong needs a moment.
    if (plan.acts.some((act) => act.kind === 'delete' && act.because !== 'superseded')) return plan;
    plan = planPlugin(observation);
  }
  return plan;
}

async function step(
  deps: DriveDependencies,
  context: ActContext,
  observation: PluginObservation,
  act: PluginAct,
): Promise<PluginObservation> {
  const job = await carryOut(deps, context, act);
  if (job) deps.onJob?.(job);
  else if (act.kind === 'delete') deps.onJobGone?.(act.job);
  return { ...observation, jobs: jobsAfter(observation.jobs, act, job) };
}

function jobsAfter(jobs: readonly Job[], act: PluginAct, job: Job | undefined): Job[] {
  const gone = act.kind === 'create' ? job?.metadata.name : act.job.metadata.name;
  const rest = jobs.filter(({ metadata }) => metadata.name !== gone);
  return job ? [...rest, job] : rest;
}

function failed(observation: PluginObservation, error: unknown): Driven {
  if (error instanceof ApiError) {
    const { reason, message } = error;
    return { ...waiting(observation, { reason, message }), error };
  }
  if (!(error instanceof ReasonedError)) throw error;
  const { terminal, ...problem } = problemOf(error);
  return waiting(observation, problem, terminal ? undefined : RETRY_MS);
}
