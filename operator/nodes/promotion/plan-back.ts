import { type AgentStatus, phaseAge } from '#api/contract/host-agent.ts';
import type { Problem } from '#api/problem.ts';
import type { Node } from '#kube/resources.ts';
import { lookAgainMs } from '#operator/host/poll-interval.ts';
import { isReady } from './eligibility.ts';
import {
  agentProblem,
  entryOf,
  isProblem,
  LIMITS,
  type NodeAct,
  type NodeObservation,
  type NodePlan,
  podsProblem,
  type Step,
  stepAge,
} from './plan.ts';
import { restoration } from './restoration.ts';

const SOON_MS = 500;

/** The next step of a node on its way from the tenant, or from wherever it was stopped, back to the host. */
export function planBack(o: NodeObservation): NodePlan {
  if (!o.kept) return o.claimed ? act(o, 'Return', 'Unclaim') : { kind: 'done' };
  if (!o.agent || isProblem(o.agent)) return planWithoutAgent(o, o.agent ?? NOT_ASKED);
  // Another's now: it was given up once, or given back already.
  if (o.agent.nodeUid !== undefined && o.agent.nodeUid !== o.uid) return act(o, 'Return', 'Forget');
  const step = leaveStep(o);
  if (o.agent.phase !== 'Host' && stepAge(o, step) > LIMITS.leavingMs) {
    return waitingOrGivenUp(o, step, agentProblem(o.agent, o.name), LIMITS.leavingMs);
  }
  switch (o.agent.phase) {
    case 'Joining':
    case 'Tenant':
      return planLeaving(o);
    case 'Leaving':
      return waiting(o, step, agentProblem(o.agent, o.name));
    case 'Host':
      return planReturned(o, o.agent);
  }
}

/** A machine that was back once and leaves again is still on its way back: its time goes on. */
const leaveStep = ({ recorded }: NodeObservation): Step => (recorded?.step === 'Return' ? 'Return' : 'Leave');

const NOT_ASKED: Problem = { reason: 'AgentAtWork', message: 'the agent is asked what it does' };

const act = (o: NodeObservation, step: Step, what: NodeAct): NodePlan => ({
  kind: 'act',
  entry: entryOf(o, step, 'Leaving'),
  act: what,
});

const waiting = (o: NodeObservation, step: Step, problem: Problem): NodePlan => ({
  kind: 'wait',
  entry: entryOf(o, step, 'Leaving', problem),
  afterMs: lookAgainMs(stepAge(o, step), SOON_MS),
});

/** One that still is, or is again, a good node of the host needs nobody on the machine. */
function planWithoutAgent(o: NodeObservation, problem: Problem): NodePlan {
  if (o.hostNode && isReady(o.hostNode)) return planRestoring(o, o.hostNode);
  return waitingOrGivenUp(o, leaveStep(o), problem, o.forced ? LIMITS.forcedReturnMs : LIMITS.returnMs);
}

/** Given up is only what would hold up a deletion: else a machine that is slow, or off for a while, is waited for. */
function waitingOrGivenUp(
  o: NodeObservation,
  step: Step,
  problem: Problem,
  limitMs: number = LIMITS.returnMs,
): NodePlan {
  if (!o.releasing || stepAge(o, step) <= limitMs) return waiting(o, step, problem);
  const left = `${problem.message}; it was given up, and left as it is`;
  const entry = entryOf(o, step, 'Failed', { reason: problem.reason, message: left });
  return { kind: 'act', entry, act: 'Forget' };
}

/** Pods of the tenant are asked to go elsewhere, for as long as there is somebody to ask. */
function planLeaving(o: NodeObservation): NodePlan {
  if (o.recorded?.step === 'Return') return act(o, 'Return', 'Leave');
  const mayDrain = o.tenantAnswers && o.tenantNode !== undefined && isReady(o.tenantNode);
  if (!mayDrain || o.forced || o.recorded?.step === 'Leave') return act(o, 'Leave', 'Leave');
  const age = stepAge(o, 'DrainTenant');
  const isLate = age > LIMITS.drainMs;
  if (age > (o.releasing ? LIMITS.drainReleasingMs : LIMITS.heldMs)) return act(o, 'Leave', 'Leave');
  if (!o.tenantPods) return act(o, 'DrainTenant', isLate ? 'DrainTenantByForce' : 'DrainTenant');
  if (o.tenantPods.pods.length === 0) return act(o, 'Leave', 'Leave');
  return waiting(o, 'DrainTenant', podsProblem(o.name, o.tenantPods));
}

function planReturned(o: NodeObservation, agent: AgentStatus): NodePlan {
  if (mayTidy(o)) return act(o, 'Leave', 'RemoveFromTenant');
  if (o.hostNode) return planRestoring(o, o.hostNode);
  const message = `the host's kubelet on ${o.name} has not registered its node yet`;
  const isLate = phaseAge(agent, o.now) > LIMITS.registerMs;
  const isGivenUp = stepAge(o, 'Return') > LIMITS.returnMs;
  // Leaving ends with a start of the host's kubelet, which makes the Node.
  if (isLate && !isGivenUp) return act(o, 'Return', 'Leave');
  return waitingOrGivenUp(o, 'Return', { reason: 'HostNodeMissing', message });
}

/** The tenant's Node is to go as well, unless the tenant goes itself; what its owner keeps there holds up nobody. */
const mayTidy = (o: NodeObservation): boolean =>
  o.tenantAnswers &&
  o.tenantNode !== undefined &&
  o.tenantNode.metadata.deletionTimestamp === undefined &&
  !o.releasing &&
  o.recorded?.step !== 'Return' &&
  stepAge(o, 'Leave') <= LIMITS.heldMs;

function planRestoring(o: NodeObservation, node: Node): NodePlan {
  if (!o.kept) return { kind: 'done' };
  if (restoration(o.kept, node)) return act(o, 'Return', 'Restore');
  if (isReady(node)) return act(o, 'Return', 'Forget');
  const message = `node ${o.name} is in the host again, and not Ready yet`;
  return waitingOrGivenUp(o, 'Return', { reason: 'HostNodeNotReady', message });
}
