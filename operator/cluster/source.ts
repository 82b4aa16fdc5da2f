import type { VirtualCluster } from '#api/objects.ts';

/** Where a VirtualCluster's control plane comes from: the user's own, reached by a kubeconfig, or made by Pinion. */
export type ControlPlaneSource = { kind: 'existing' } | { kind: 'managed' };

export function controlPlaneOf({ spec }: VirtualCluster): ControlPlaneSource {
  const isExisting = spec.kubeconfig !== undefined || spec.kubeconfigSecretRef !== undefined;
  return { kind: isExisting ? 'existing' : 'managed' };
}
