import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Tenant } from '#operator/access/tenant.ts';

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
