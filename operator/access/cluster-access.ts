import type { Target } from '#api/kubeconfig.ts';
import type { Tenant } from './tenant.ts';

/** How the target of a VirtualCluster is reached; `tenant` when Pinion made its control plane. */
export type Access = { target: Target; tenant?: Tenant | undefined };

/**
 * The clusters that are ready for plugins, by the uid of their VirtualCluster. The controller of VirtualClusters opens
 * and closes access; the controller of installations acts only where access is open. In memory: a new leader begins
 * with none, and opens each as soon as it has looked at the cluster.
 */
export class ClusterAccess {
  readonly #open = new Map<string, Access>();

  /** True when access was closed before. */
  open(clusterUid: string, access: Access): boolean {
    const isNew = !this.#open.has(clusterUid);
    this.#open.set(clusterUid, access);
    return isNew;
  }

  close(clusterUid: string): void {
    this.#open.delete(clusterUid);
  }

  of(clusterUid: string): Access | undefined {
    return this.#open.get(clusterUid);
  }
}
