import type { AgentStatus } from '#api/contract/host-agent.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Node } from '#kube/resources.ts';
import type { Remaining } from '../drain.ts';
import type { NodeSnapshot } from './node-snapshot.ts';

/** Everything that the next step of one node depends on. */
export type NodeObservation = {
  name: string;
  /** Of the VirtualCluster. */
  uid: string;
  wanted: boolean;
  /** The VirtualCluster is being deleted, and its pods with it. */
  deleting: boolean;
  /** It is being deleted with `forceDestroy`: machines that don't answer are not waited for. */
  forced: boolean;
  /** The node's entry in `status.nodes`. */
  recorded: NodeStatus | undefined;
  snapshot: NodeSnapshot | undefined;
  hostNode: Node | undefined;
  /** The host's Node carries this cluster's claim. */
  claimed: boolean;
  /** Why the node can't be promoted; read only before it is claimed. */
  ineligibility: Problem | undefined;
  /** A Problem when the agent did not answer; undefined when it was not asked. */
  agent: AgentStatus | Problem | undefined;
  tenantAnswers: boolean;
  tenantNode: Node | undefined;
  /** Pods that the last drain of this reconcile left, in the host and in the tenant; undefined before a drain. */
  hostPods: Remaining | undefined;
  tenantPods: Remaining | undefined;
  /** This reconcile has revoked all bootstrap tokens of the node. */
  tokensRevoked: boolean;
  now: number;
};

/** One action in the host, on the machine or in the tenant. Each is idempotent. */
export type NodeAct =
  | 'Claim'
  | 'SaveSnapshot'
  | 'Cordon'
  | 'Drain'
  | 'Remove'
  | 'Join'
  | 'RevokeTokens'
  | 'DrainTenant'
  | 'DrainTenantByForce'
  | 'Leave'
  | 'RemoveFromTenant'
  | 'Restore'
  | 'DeleteSnapshot'
  | 'Unclaim';

export type NodePlan =
  /** `status` is recorded before the act begins. */
  | { kind: 'act'; status: NodeStatus; act: NodeAct }
  | { kind: 'wait'; status: NodeStatus; afterMs: number }
  /** Nothing is left to do for the node. */
  | { kind: 'done' };

/**
 * Steps as `status.nodes` records them. The words are a contract with clusters of earlier releases: `Wait` waits for
 * the tenant's node to become Ready, `Return` for the host's.
 */
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

export const LIMITS = {
  /** A step that waits for longer makes the node NotReady. */
  stuckMs: 60_000,
  /** Pods of a node that leaves a tenant are evicted for this long, then deleted. */
  drainMs: 120_000,
  /** After this the tenant can't hold the node any more: its owner has webhooks and finalizers. */
  heldMs: 240_000,
  /** The same while the VirtualCluster is being deleted. */
  drainDeletingMs: 10_000,
  /** A kubelet that has not registered its Node by then is restarted. */
  registerMs: 20_000,
  /** A little less than the life of a bootstrap token. */
  tokenMs: 15 * 60_000,
  /** On deletion, a machine that has not returned by then is given up. */
  returnMs: 300_000,
  /** The same for a machine whose agent answers but makes no progress: the tenant was root there. */
  leavingMs: 900_000,
  /** The same for a machine whose agent does not answer, with `forceDestroy`. */
  forcedReturnMs: 15_000,
} as const;
