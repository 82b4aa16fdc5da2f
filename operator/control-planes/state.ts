import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import type { StoragePressure } from './storage.ts';

export type ControlPlaneState =
  | { kind: 'waiting'; problem: Problem; terminal: boolean; requeueAfterMs?: number }
  | {
      kind: 'ready';
      tenant: Tenant;
      status: Pick<VirtualClusterStatus, 'port' | 'portMap' | 'kubeconfigSecretRef'>;
      /** A rollout that is under way (replicas, certificates, images) while the API server goes on answering. */
      updating?: Problem;
      /** etcd is full or nearly full. */
      pressure?: StoragePressure;
      /** Until the next certificate is due, or sooner. */
      requeueAfterMs?: number;
    };

export type ControlPlanes = {
  /** Creates what is missing and updates what differs. Never waits: call it again after `requeueAfterMs`. */
  ensure(cluster: VirtualCluster): Promise<ControlPlaneState>;
  /** The tenant if it still answers, for returning nodes. Writes nothing. */
  find(cluster: VirtualCluster): Promise<Tenant | undefined>;
  /** Deletes the control plane; true once nothing of it is left in the host. Never waits. */
  remove(cluster: VirtualCluster): Promise<boolean>;
};
