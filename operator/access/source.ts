import type { VirtualCluster } from '#api/kinds/objects.ts';
import { isExisting } from '#api/kinds/virtualcluster.ts';

/** An existing cluster is reached by a kubeconfig; the control plane of a managed cluster is made by Pinion. */
export type ControlPlaneSource = { kind: 'existing' } | { kind: 'managed' };

export function controlPlaneOf({ spec }: VirtualCluster): ControlPlaneSource {
  return { kind: isExisting(spec) ? 'existing' : 'managed' };
}
