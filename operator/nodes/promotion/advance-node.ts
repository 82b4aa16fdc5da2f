import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { problemOf } from '#api/problem.ts';
import { isConflict } from '#kube/errors.ts';
import type { NodesContext } from '../node-provider.ts';
import { actOnNode, type PromotionDeps } from './act.ts';
import { readKeptNode } from './node-snapshot.ts';
import { type About, observeNode } from './observe.ts';
import type { NodeObservation, NodePlan } from './plan.ts';
import { planBack } from './plan-back.ts';
import { planIn } from './plan-in.ts';

/** More steps than one way has: after it something goes round in circles, and the queue comes back to it. */
const STEPS_AT_ONCE = 20;
const RETRY_MS = 2_000;

/** How far a node is; without an entry nothing of it is left to do. */
export type End = {
  entry?: NodeStatus;
  wanted: boolean;
  problem?: Problem | undefined;
  afterMs?: number;
};

/** Takes all steps of one node that can be taken now. */
export async function bringOn(deps: PromotionDeps, { record }: NodesContext, about: About): Promise<End> {
  const { wanted } = about;
  let now = about;
  let learnt: Partial<NodeObservation> = {};
  let left: Problem | undefined;
  for (let step = 0; step < STEPS_AT_ONCE; step++) {
    const observed = { ...(await observeNode(deps, now)), ...learnt };
    const plan: NodePlan = wanted ? planIn(observed) : planBack(observed);
    if (plan.kind === 'done') return { wanted, problem: left };
    if (plan.kind === 'wait') return endOf(plan.entry, wanted, plan.afterMs);
    const { entry, act } = plan;
    await begin(deps, record, now.recorded, entry);
    const result = await tried(() => actOnNode(deps, { ...now, observed }, act));
    if (result.problem) return endOf({ ...entry, ...result.problem }, wanted, RETRY_MS);
    if (act === 'Forget') left = problemIn(entry);
    learnt = result.learnt;
    now = { ...now, recorded: entry, kept: await readKeptNode(deps.client, now.cluster, now.name) };
  }
  return { ...(now.recorded && { entry: now.recorded }), wanted, afterMs: RETRY_MS };
}

/** The journal: what is begun is known to whoever comes next; of a machine that is given up nothing else will tell. */
async function begin(
  { log }: PromotionDeps,
  record: NodesContext['record'],
  recorded: NodeStatus | undefined,
  entry: NodeStatus,
): Promise<void> {
  const isGivenUp = entry.phase === 'Failed';
  if (recorded?.step !== entry.step || isGivenUp) await record([entry]);
  const { name, reason, message } = entry;
  if (isGivenUp) log.warn({ node: name, reason, message }, 'promotion: a machine is given up');
}

type Tried = { learnt: Partial<NodeObservation>; problem?: undefined } | { problem: Problem };

/** A conflict is decided anew on newer objects, at once; all else is said and tried again. */
async function tried(act: () => Promise<Partial<NodeObservation>>): Promise<Tried> {
  try {
    return { learnt: await act() };
  } catch (error) {
    if (isConflict(error)) throw error;
    const { reason, message } = problemOf(error);
    return { problem: { reason, message: message.slice(0, 1024) } };
  }
}

const endOf = (entry: NodeStatus, wanted: boolean, afterMs: number): End => ({
  entry,
  wanted,
  afterMs,
  problem: problemIn(entry),
});

const problemIn = ({ reason, message }: NodeStatus): Problem | undefined =>
  reason && message ? { reason, message } : undefined;
