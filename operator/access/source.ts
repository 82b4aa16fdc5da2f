import type { VirtualCluster } from '#api/kinds/objects.ts';
import { isExisting } from '#api/kinds/virtualcluster.ts';

/** Where the control plane comes from: an existing cluster, reached by a kubeconfig, or a managed one, made by Pinion. */
export type ControlPlaneSource = { kind: 'existing' } | { kind: 'managed' };

export function controlPlaneOf({ spec }: VirtualCluster): ControlPlaneSource {
  return { kind: isExisting(spec) ? 'existing' : 'managed' };
}
