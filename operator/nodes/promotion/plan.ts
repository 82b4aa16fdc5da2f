import type { AgentStatus } from '#api/contract/host-agent.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Node } from '#kube/resources.ts';
import type { Remaining } from '../drain.ts';
import type { Kept } from './node-snapshot.ts';

/** Everything that the next step of one node depends on. */
export type NodeObservation = {
  name: string;
  uid: string;
  wanted: boolean;
  /** The whole cluster goes, and its pods with it. */
  releasing: boolean;
  /** The same, and `forceDestroy` says that machines which do not answer are not to be waited for. */
  forced: boolean;
  recorded: NodeStatus | undefined;
  kept: Kept | undefined;
  hostNode: Node | undefined;
  /** The host's Node says that it is this cluster's. */
  claimed: boolean;
  /** Why it can't be taken; only where it was not. */
  obstacle: Problem | undefined;
  agent: AgentStatus | Problem | undefined;
  /** False when the tenant's API server does not answer. */
  tenantAnswers: boolean;
  tenantNode: Node | undefined;
  /** What the last drain of this reconcile left, in the host and in the tenant; absent: there was none yet. */
  hostPods: Remaining | undefined;
  tenantPods: Remaining | undefined;
  /** No token for it is left in the tenant, as this reconcile has seen to. */
  welcomed: boolean;
  now: number;
};

/** What is done in the host, on the machine or in the tenant. Each can be done again. */
export type NodeAct =
  | 'Claim'
  | 'Keep'
  | 'Cordon'
  | 'Drain'
  | 'Remove'
  | 'Join'
  | 'Welcome'
  | 'DrainTenant'
  | 'DrainTenantByForce'
  | 'Leave'
  | 'RemoveFromTenant'
  | 'Restore'
  | 'Forget'
  | 'Unclaim';

export type NodePlan =
  /** `entry` is written down before the act is begun. */
  | { kind: 'act'; entry: NodeStatus; act: NodeAct }
  | { kind: 'wait'; entry: NodeStatus; afterMs: number }
  /** Nothing of the node is left to do. */
  | { kind: 'done' };

export const LIMITS = {
  /** After it a step that waits is said to be stuck. */
  stuckMs: 60_000,
  /** After it pods of a node that leaves a tenant are no longer asked. */
  drainMs: 120_000,
  /** After it nothing in the tenant holds the node any more: its owner has webhooks and finalizers. */
  heldMs: 240_000,
  /** The same when the whole tenant goes. */
  drainReleasingMs: 10_000,
  /** A kubelet that has not made its Node by then is started again. */
  registerMs: 20_000,
  /** A bootstrap token ends a little later. */
  tokenMs: 15 * 60_000,
  /** A machine that has not come back by then is left behind. */
  returnMs: 300_000,
  /** The same for one whose agent answers, and does not get on: the tenant was root there. */
  leavingMs: 900_000,
  /** The same for one whose agent does not answer, when `forceDestroy` is set. */
  forcedReturnMs: 15_000,
} as const;

export type Step =
  | 'Cordon'
  | 'Drain'
  | 'Remove'
  | 'Join'
  | 'Wait'
  | 'Ready'
  | 'DrainTenant'
  | 'Leave'
  | 'Return';

/** How long the step has been under way, in milliseconds. */
export const stepAge = ({ recorded, now }: NodeObservation, step: Step): number =>
  recorded?.step === step && recorded.since ? now - Date.parse(recorded.since) : 0;

export function entryOf(
  o: NodeObservation,
  step: Step,
  phase: NonNullable<NodeStatus['phase']>,
  problem?: Problem,
): NodeStatus {
  const isSame = o.recorded?.step === step && o.recorded.since !== undefined;
  const since = isSame ? o.recorded?.since : new Date(o.now).toISOString();
  const { reason, message } = problem ?? {};
  return {
    name: o.name,
    kind: 'Promoted',
    phase,
    step,
    ...(since && { since }),
    ...(reason && { reason }),
    ...(message && { message: message.slice(0, 1024) }),
  };
}

export const isProblem = (agent: AgentStatus | Problem): agent is Problem => 'message' in agent;

/** What the agent is at, as a message. */
export function agentProblem({ phase, step, error }: AgentStatus, name: string): Problem {
  const at = step === undefined ? phase : `${phase}, step ${step}`;
  if (error === undefined) return { reason: 'AgentAtWork', message: `the agent of ${name} is at ${at}` };
  return { reason: 'AgentStepFailed', message: `the agent of ${name} is at ${at}, which failed: ${error}` };
}

export function podsProblem(name: string, { pods, refused }: Remaining): Problem {
  const some = pods.slice(0, 3).join(', ');
  const what = refused ?? `${some}${pods.length > 3 ? ` and ${pods.length - 3} more` : ''}`;
  const reason = refused === undefined ? 'Draining' : 'DrainBlocked';
  return { reason, message: `node ${name} still has ${pods.length} pods: ${what}` };
}
