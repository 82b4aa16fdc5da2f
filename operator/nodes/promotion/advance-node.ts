import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { isConflict } from '#kube/errors.ts';
import type { NodesContext } from '../node-provider.ts';
import { problemIn, statusProblemOf } from '../node-status.ts';
import { actOnNode, type PromotionDeps } from './act.ts';
import { readSnapshot } from './node-snapshot.ts';
import type { NodeObservation } from './observation.ts';
import { type NodeContext, observeNode } from './observe.ts';
import { planBack } from './plan-back.ts';
import { planIn } from './plan-in.ts';

/** More steps than one way has. A node that takes more is going round in circles and goes back to the queue. */
const MOST_STEPS = 20;
const RETRY_MS = 2_000;

/** How far a node has come. Without `status` nothing is left to do for it. */
export type NodeResult = {
  status?: NodeStatus;
  wanted: boolean;
  problem?: Problem | undefined;
  afterMs?: number;
};

/** Takes all steps of one node that can be taken now: observe, plan, record, act, and again. */
export async function advanceNode(
  deps: PromotionDeps,
  { record }: NodesContext,
  context: NodeContext,
): Promise<NodeResult> {
  const { wanted } = context;
  let current = context;
  let learnt: Partial<NodeObservation> = {};
  let givenUp: Problem | undefined;
  for (let step = 0; step < MOST_STEPS; step++) {
    const observed = { ...(await observeNode(deps, current)), ...learnt };
    const plan = wanted ? planIn(observed) : planBack(observed);
    if (plan.kind === 'done') return { wanted, problem: givenUp };
    if (plan.kind === 'wait') return resultOf(plan.status, wanted, plan.afterMs);
    const { status, act } = plan;
    await recordStep(deps, record, current.recorded, status);
    const outcome = await attempt(() => actOnNode(deps, { ...current, observed }, act));
    if (outcome.problem) return resultOf({ ...status, ...outcome.problem }, wanted, RETRY_MS);
    if (act === 'DeleteSnapshot') givenUp = problemIn(status);
    learnt = outcome.learnt;
    const snapshot = await readSnapshot(deps.client, current.cluster, current.name);
    current = { ...current, recorded: status, snapshot };
  }
  return { ...(current.recorded && { status: current.recorded }), wanted, afterMs: RETRY_MS };
}

/**
 * Records a step before it begins, so that the next operator continues from it. A machine that is given up is recorded
 * in any case: no other trace of it will be left.
 */
async function recordStep(
  { log }: PromotionDeps,
  record: NodesContext['record'],
  recorded: NodeStatus | undefined,
  status: NodeStatus,
): Promise<void> {
  const isGivenUp = status.phase === 'Failed';
  if (recorded?.step !== status.step || isGivenUp) await record([status]);
  const { name, reason, message } = status;
  if (isGivenUp) log.warn({ node: name, reason, message }, 'promotion: giving up a machine');
}

type Outcome = { learnt: Partial<NodeObservation>; problem?: undefined } | { problem: Problem };

/** A conflict is thrown, so that the reconcile restarts with newer objects; every other failure is a problem. */
async function attempt(act: () => Promise<Partial<NodeObservation>>): Promise<Outcome> {
  try {
    return { learnt: await act() };
  } catch (error) {
    if (isConflict(error)) throw error;
    return { problem: statusProblemOf(error) };
  }
}

const resultOf = (status: NodeStatus, wanted: boolean, afterMs: number): NodeResult => ({
  status,
  wanted,
  afterMs,
  problem: problemIn(status),
});
