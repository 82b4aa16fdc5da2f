import { phaseAge } from '#api/contract/host-agent.ts';
import { isProblem, type Problem } from '#api/problem.ts';
import { pollInterval } from '#operator/host/poll-interval.ts';
import { podsProblem } from '../node-status.ts';
import { nodeReadiness } from '../readiness.ts';
import { LIMITS, type NodeAct, type NodeObservation, type NodePlan, type Step } from './observation.ts';
import { AGENT_NOT_ASKED, agentProblem, promotedStatus, stepAge } from './promoted-status.ts';

const SOON_MS = 1_000;
const LATER_MS = 5_000;
const READY_MS = 15_000;

/** Plans the next step from the host into the tenant. Pure, and the same from wherever an earlier operator stopped. */
export function planIn(o: NodeObservation): NodePlan {
  if (!o.snapshot) return planClaim(o);
  if (o.hostNode) return planRemoval(o, o.hostNode.spec?.unschedulable ?? false);
  if (!o.agent || isProblem(o.agent)) return waiting(o, 'Join', o.agent ?? AGENT_NOT_ASKED);
  if (o.agent.nodeUid !== undefined && o.agent.nodeUid !== o.uid) {
    const message = `the machine ${o.name} is ${o.agent.phase} for another VirtualCluster, ${o.agent.nodeUid}`;
    return waiting(o, 'Join', { reason: 'NodeTaken', message });
  }
  switch (o.agent.phase) {
    case 'Host':
      return act(o, 'Join', 'Join');
    case 'Joining': {
      const isOld = phaseAge(o.agent, o.now) > LIMITS.tokenMs;
      if (isOld && stepAge(o, 'Join') > LIMITS.tokenMs)
        return act({ ...o, recorded: undefined }, 'Join', 'Join');
      return waiting(o, 'Join', joiningProblem(o, agentProblem(o.agent, o.name)));
    }
    case 'Leaving':
      return waiting(o, 'Join', agentProblem(o.agent, o.name));
    case 'Tenant':
      return planReady(o);
  }
}

const act = (o: NodeObservation, step: Step, what: NodeAct): NodePlan => ({
  kind: 'act',
  status: promotedStatus(o, step, 'Joining'),
  act: what,
});

/** A step that takes long makes the node NotReady, and is retried all the same. */
function waiting(o: NodeObservation, step: Step, problem: Problem): NodePlan {
  const isStuck = stepAge(o, step) > LIMITS.stuckMs;
  return {
    kind: 'wait',
    status: promotedStatus(o, step, isStuck ? 'NotReady' : 'Joining', problem),
    afterMs: pollInterval(stepAge(o, step), SOON_MS),
  };
}

/** The claim comes first, because two clusters may want the node at the same time. */
function planClaim(o: NodeObservation): NodePlan {
  if (o.claimed) return act(o, 'Cordon', 'SaveSnapshot');
  if (!o.ineligibility) return act(o, 'Cordon', 'Claim');
  const { reason, message } = o.ineligibility;
  const status = { name: o.name, kind: 'Promoted', phase: 'Pending', reason, message } as const;
  return { kind: 'wait', status, afterMs: LATER_MS };
}

function planRemoval(o: NodeObservation, isCordoned: boolean): NodePlan {
  if (!isCordoned) return act(o, 'Cordon', 'Cordon');
  if (!o.hostPods) return act(o, 'Drain', 'Drain');
  if (o.hostPods.pods.length > 0) return waiting(o, 'Drain', podsProblem(o.name, o.hostPods));
  return act(o, 'Remove', 'Remove');
}

/** While the agent waits for the pod network, the kubelet's own condition is more precise. */
function joiningProblem(o: NodeObservation, problem: Problem): Problem {
  if (problem.reason !== 'AgentAtWork' || !o.tenantAnswers) return problem;
  const readiness = nodeReadiness(o.name, o.tenantNode).problem;
  return readiness ? { ...readiness, message: `${readiness.message}; ${problem.message}` } : problem;
}

function planReady(o: NodeObservation): NodePlan {
  const wasReady = o.recorded?.step === 'Ready';
  if (o.tenantAnswers && !o.tenantNode) return planRejoin(o);
  const { ready, problem } = nodeReadiness(o.name, o.tenantNode);
  if (!ready && problem) {
    if (!wasReady) return waiting(o, 'Wait', problem);
    return { kind: 'wait', status: promotedStatus(o, 'Ready', 'NotReady', problem), afterMs: LATER_MS };
  }
  // Ready is recorded last, so that a restarted operator still revokes the tokens.
  if (!wasReady && !o.tokensRevoked) return act(o, 'Wait', 'RevokeTokens');
  return { kind: 'wait', status: promotedStatus(o, 'Ready', 'Ready'), afterMs: READY_MS };
}

/**
 * The machine has joined, so a missing Node was deleted in the tenant. The machine leaves first: its pods and its pod
 * range don't belong to a new Node.
 */
function planRejoin(o: NodeObservation): NodePlan {
  const message = `node ${o.name} was deleted in the tenant cluster; the machine is being re-joined`;
  const status = promotedStatus(o, 'Join', 'Joining', { reason: 'NodeDeleted', message });
  return { kind: 'act', status, act: 'Leave' };
}
