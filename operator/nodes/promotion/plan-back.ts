import { type AgentStatus, phaseAge } from '#api/contract/host-agent.ts';
import { isProblem, type Problem } from '#api/problem.ts';
import type { Node } from '#kube/resources.ts';
import { pollInterval } from '#operator/host/poll-interval.ts';
import { podsProblem } from '../node-status.ts';
import { isReady } from './eligibility.ts';
import { LIMITS, type NodeAct, type NodeObservation, type NodePlan, type Step } from './observation.ts';
import { AGENT_NOT_ASKED, agentProblem, promotedStatus, stepAge } from './promoted-status.ts';
import { restoration } from './restoration.ts';

const SOON_MS = 500;

/** Plans the next step back to the host, from the tenant or from wherever the way in stopped. Pure. */
export function planBack(o: NodeObservation): NodePlan {
  if (!o.snapshot) return o.claimed ? act(o, 'Return', 'Unclaim') : { kind: 'done' };
  if (!o.agent || isProblem(o.agent)) return planWithoutAgent(o, o.agent ?? AGENT_NOT_ASKED);
  // Another cluster has promoted the machine since: it was given up or returned before.
  if (o.agent.nodeUid !== undefined && o.agent.nodeUid !== o.uid) return act(o, 'Return', 'DeleteSnapshot');
  const step = leaveStep(o);
  if (o.agent.phase !== 'Host' && stepAge(o, step) > LIMITS.leavingMs) {
    return waitOrGiveUp(o, step, agentProblem(o.agent, o.name), LIMITS.leavingMs);
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

/** A machine that had returned and leaves again is still returning: its time continues. */
const leaveStep = ({ recorded }: NodeObservation): Step => (recorded?.step === 'Return' ? 'Return' : 'Leave');

const act = (o: NodeObservation, step: Step, what: NodeAct): NodePlan => ({
  kind: 'act',
  status: promotedStatus(o, step, 'Leaving'),
  act: what,
});

const waiting = (o: NodeObservation, step: Step, problem: Problem): NodePlan => ({
  kind: 'wait',
  status: promotedStatus(o, step, 'Leaving', problem),
  afterMs: pollInterval(stepAge(o, step), SOON_MS),
});

/** A Ready node of the host can be restored without its agent. */
function planWithoutAgent(o: NodeObservation, problem: Problem): NodePlan {
  if (o.hostNode && isReady(o.hostNode)) return planRestoring(o, o.hostNode);
  return waitOrGiveUp(o, leaveStep(o), problem, o.forced ? LIMITS.forcedReturnMs : LIMITS.returnMs);
}

/** Gives a machine up only where it would block a deletion; otherwise a slow or switched-off machine is waited for. */
function waitOrGiveUp(
  o: NodeObservation,
  step: Step,
  problem: Problem,
  limitMs: number = LIMITS.returnMs,
): NodePlan {
  if (!o.deleting || stepAge(o, step) <= limitMs) return waiting(o, step, problem);
  const message = `${problem.message}; giving up; the machine is left as is`;
  const status = promotedStatus(o, step, 'Failed', { reason: problem.reason, message });
  return { kind: 'act', status, act: 'DeleteSnapshot' };
}

/** Evicts the tenant's pods for as long as the tenant answers and its node works. */
function planLeaving(o: NodeObservation): NodePlan {
  if (o.recorded?.step === 'Return') return act(o, 'Return', 'Leave');
  const canDrain = o.tenantAnswers && o.tenantNode !== undefined && isReady(o.tenantNode);
  if (!canDrain || o.forced || o.recorded?.step === 'Leave') return act(o, 'Leave', 'Leave');
  const age = stepAge(o, 'DrainTenant');
  const isLate = age > LIMITS.drainMs;
  if (age > (o.deleting ? LIMITS.drainDeletingMs : LIMITS.heldMs)) return act(o, 'Leave', 'Leave');
  if (!o.tenantPods) return act(o, 'DrainTenant', isLate ? 'DrainTenantByForce' : 'DrainTenant');
  if (o.tenantPods.pods.length === 0) return act(o, 'Leave', 'Leave');
  return waiting(o, 'DrainTenant', podsProblem(o.name, o.tenantPods));
}

function planReturned(o: NodeObservation, agent: AgentStatus): NodePlan {
  if (shouldRemoveFromTenant(o)) return act(o, 'Leave', 'RemoveFromTenant');
  if (o.hostNode) return planRestoring(o, o.hostNode);
  const message = `the host's kubelet on ${o.name} has not registered its node yet`;
  const isLate = phaseAge(agent, o.now) > LIMITS.registerMs;
  const isGivenUp = stepAge(o, 'Return') > LIMITS.returnMs;
  // Leaving ends with a restart of the host's kubelet, which registers the Node.
  if (isLate && !isGivenUp) return act(o, 'Return', 'Leave');
  return waitOrGiveUp(o, 'Return', { reason: 'HostNodeMissing', message });
}

/** The tenant's Node is deleted too, unless the whole tenant goes. A finalizer of its owner is not waited for. */
const shouldRemoveFromTenant = (o: NodeObservation): boolean =>
  o.tenantAnswers &&
  o.tenantNode !== undefined &&
  o.tenantNode.metadata.deletionTimestamp === undefined &&
  !o.deleting &&
  o.recorded?.step !== 'Return' &&
  stepAge(o, 'Leave') <= LIMITS.heldMs;

function planRestoring(o: NodeObservation, node: Node): NodePlan {
  if (!o.snapshot) return { kind: 'done' };
  if (restoration(o.snapshot, node)) return act(o, 'Return', 'Restore');
  if (isReady(node)) return act(o, 'Return', 'DeleteSnapshot');
  const message = `node ${o.name} is back in the host but not Ready yet`;
  return waitOrGiveUp(o, 'Return', { reason: 'HostNodeNotReady', message });
}
