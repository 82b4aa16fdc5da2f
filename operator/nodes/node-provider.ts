import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Tenant } from '#operator/access/tenant.ts';

export type NodesContext = {
  cluster: VirtualCluster;
  /** Absent when the control plane does not answer, which is possible only while nodes are returned. */
  tenant: Tenant | undefined;
  /** The provider's entries of `status.nodes`, as last written. */
  recorded: readonly NodeStatus[];
  /**
   * The journal: writes these entries into `status.nodes` (by name, the others stay) before the steps that they name
   * begin. Throws a conflict when the VirtualCluster has changed meanwhile, so that the reconcile restarts.
   */
  record(entries: readonly NodeStatus[]): Promise<void>;
};

export type NodesState = {
  /** All nodes that the provider has, or that the cluster asks it for. A returned node is left out. */
  nodes: NodeStatus[];
  /** Every node that the cluster asks for is Ready, and none has still to leave. */
  settled: boolean;
  /** The first problem that keeps the nodes from settling. */
  problem?: Problem;
  /** No retry helps: the problem waits for a change of the VirtualCluster. */
  terminal?: boolean;
  requeueAfterMs?: number;
};

/** Brings nodes of one kind into tenants and back. Each call takes the next steps and returns; none waits. */
export type NodeProvider = {
  kind: NonNullable<NodeStatus['kind']>;
  ensure(context: NodesContext & { tenant: Tenant }): Promise<NodesState>;
  /** Returns every node; settled once nothing of them is left in the tenant. */
  returnAll(context: NodesContext): Promise<NodesState>;
};
