import type { VirtualCluster } from '#api/kinds/objects.ts';
import { isExisting } from '#api/kinds/virtualcluster.ts';

/** Where a VirtualCluster's control plane comes from: the user's own, reached by a kubeconfig, or made by Pinion. */
export type ControlPlaneSource = { kind: 'existing' } | { kind: 'managed' };

export function controlPlaneOf({ spec }: VirtualCluster): ControlPlaneSource {
  return { kind: isExisting(spec) ? 'existing' : 'managed' };
}
