import type { Target } from '#api/kubeconfig.ts';
import type { VirtualCluster } from '#api/objects.ts';
import type { NodeStatus, VirtualClusterStatus } from '#api/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Problem } from './plugins/observation.ts';

/** What cluster/, nodes/ and plugins/ say to each other about a cluster that Pinion made. */

export type Endpoint = { host: string; port: number };

/** A control plane of ours that answers. */
export type Tenant = {
  /** Admin access through the host's Service: for executors and for the operator itself. */
  target: Target;
  /** The operator's own client of the tenant, shared: who gets it does not close it. */
  client: KubeClient;
  /** Where nodes and pods of the tenant reach the API server: good on any host node and in any host pod. */
  apiServer: Endpoint;
  /** Where konnectivity agents reach their server; likewise. */
  konnectivity: Endpoint;
  /** CA certificates of the API server and of konnectivity, PEM. */
  authority: string;
  network: { podRange: string; serviceRange: string; dnsAddress: string; clusterDomain: string };
};

export type ControlPlaneState =
  | { kind: 'waiting'; problem: Problem; terminal: boolean; requeueAfterMs?: number }
  | {
      kind: 'ready';
      tenant: Tenant;
      status: Pick<VirtualClusterStatus, 'port' | 'portMap' | 'kubeconfigSecretRef'>;
      /** What is being changed (replicas, certificates) while it goes on answering. */
      updating?: Problem;
      /** When to look again: the next renewal. */
      requeueAfterMs?: number;
    };

export type ControlPlanes = {
  /** Makes what is missing, changes what differs, and says how far it is. Never waits. */
  ensure(cluster: VirtualCluster): Promise<ControlPlaneState>;
  /** The tenant as far as it can still be reached, for giving nodes back; nothing is made. */
  find(cluster: VirtualCluster): Promise<Tenant | undefined>;
  /** Deletes it; true once nothing of it is left in the host. Never waits. */
  remove(cluster: VirtualCluster): Promise<boolean>;
};

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
