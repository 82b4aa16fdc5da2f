import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Tenant } from '#operator/access/tenant.ts';

export type NodesContext = {
  cluster: VirtualCluster;
  /** Absent when the control plane does not answer: only while nodes are given back. */
  tenant: Tenant | undefined;
  /** The entries of `status.nodes` of this provider, as last written. */
  recorded: readonly NodeStatus[];
  /**
   * The journal: writes these entries into `status.nodes` (by name, the others stay) before what they say is
   * begun. Throws a conflict when the VirtualCluster has changed meanwhile: the reconcile starts anew.
   */
  record(entries: readonly NodeStatus[]): Promise<void>;
};

export type NodesState = {
  /** All nodes that the provider has or is asked for. One that was given back and is done with is left out. */
  nodes: NodeStatus[];
  /** Every node that is asked for is Ready and none has still to go. */
  settled: boolean;
  /** The first thing that somebody should know when it isn't settled. */
  problem?: Problem;
  /** No retry can mend the problem. */
  terminal?: boolean;
  requeueAfterMs?: number;
};

/** Brings nodes of one kind into tenants and back. Each call takes the next steps and returns; none waits. */
export type NodeProvider = {
  kind: NonNullable<NodeStatus['kind']>;
  ensure(context: NodesContext & { tenant: Tenant }): Promise<NodesState>;
  /** Gives every node back; settled once all are, and nothing of them is left. */
  release(context: NodesContext): Promise<NodesState>;
};
