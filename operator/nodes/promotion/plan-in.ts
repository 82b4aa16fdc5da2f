import { phaseAge } from '#api/contract/host-agent.ts';
import type { Problem } from '#api/problem.ts';
import { lookAgainMs } from '#operator/host/poll-interval.ts';
import { judgeNode } from '../readiness.ts';
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

const SOON_MS = 1_000;
const LATER_MS = 5_000;
const READY_MS = 15_000;

/** The next step of a node on its way from the host into the tenant. Pure; the same from wherever it is begun. */
export function planIn(o: NodeObservation): NodePlan {
  if (!o.kept) return planTaking(o);
  if (o.hostNode) return planEmptying(o, o.hostNode.spec?.unschedulable ?? false);
  if (!o.agent || isProblem(o.agent)) return waiting(o, 'Join', o.agent ?? NOT_ASKED);
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

const NOT_ASKED: Problem = { reason: 'AgentAtWork', message: 'the agent is asked what it does' };

const act = (o: NodeObservation, step: Step, what: NodeAct): NodePlan => ({
  kind: 'act',
  entry: entryOf(o, step, 'Joining'),
  act: what,
});

/** What takes long is stuck: the phase says so, and it is tried on. */
function waiting(o: NodeObservation, step: Step, problem: Problem): NodePlan {
  const isStuck = stepAge(o, step) > LIMITS.stuckMs;
  return {
    kind: 'wait',
    entry: entryOf(o, step, isStuck ? 'NotReady' : 'Joining', problem),
    afterMs: lookAgainMs(stepAge(o, step), SOON_MS),
  };
}

/** The claim first: two clusters may want the node at the same time. */
function planTaking(o: NodeObservation): NodePlan {
  if (o.claimed) return act(o, 'Cordon', 'Keep');
  if (!o.obstacle) return act(o, 'Cordon', 'Claim');
  const { reason, message } = o.obstacle;
  const entry = { name: o.name, kind: 'Promoted', phase: 'Pending', reason, message } as const;
  return { kind: 'wait', entry, afterMs: LATER_MS };
}

function planEmptying(o: NodeObservation, isCordoned: boolean): NodePlan {
  if (!isCordoned) return act(o, 'Cordon', 'Cordon');
  if (!o.hostPods) return act(o, 'Drain', 'Drain');
  if (o.hostPods.pods.length > 0) return waiting(o, 'Drain', podsProblem(o.name, o.hostPods));
  return act(o, 'Remove', 'Remove');
}

/** While the agent waits for the pod network, the kubelet's own words say more. */
function joiningProblem(o: NodeObservation, problem: Problem): Problem {
  if (problem.reason !== 'AgentAtWork' || !o.tenantAnswers) return problem;
  const judged = judgeNode(o.name, o.tenantNode).problem;
  return judged ? { ...judged, message: `${judged.message}; ${problem.message}` } : problem;
}

function planReady(o: NodeObservation): NodePlan {
  const wasReady = o.recorded?.step === 'Ready';
  // It has joined, so somebody has deleted its Node. It comes in anew: its pods and its pod range are not those of a new one.
  if (o.tenantAnswers && !o.tenantNode) {
    const message = `somebody has deleted node ${o.name} in the tenant; the machine leaves and joins anew`;
    const entry = entryOf(o, 'Join', 'Joining', { reason: 'NodeDeleted', message });
    return { kind: 'act', entry, act: 'Leave' };
  }
  const { ready, problem } = judgeNode(o.name, o.tenantNode);
  if (!ready && problem) {
    if (!wasReady) return waiting(o, 'Wait', problem);
    return { kind: 'wait', entry: entryOf(o, 'Ready', 'NotReady', problem), afterMs: LATER_MS };
  }
  // Ready is written last: until then its tokens may be there.
  if (!wasReady && !o.welcomed) return act(o, 'Wait', 'Welcome');
  return { kind: 'wait', entry: entryOf(o, 'Ready', 'Ready'), afterMs: READY_MS };
}
