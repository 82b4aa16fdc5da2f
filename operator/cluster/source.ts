import type { VirtualCluster } from '#api/objects.ts';
import type { Problem } from '../plugins/observation.ts';

/** Where a VirtualCluster's control plane comes from. */
export type ControlPlane =
  /** The user's own, reached by a kubeconfig. */
  | { kind: 'existing' }
  /** Made by Pinion: not yet. */
  | { kind: 'managed'; problem: Problem };

export function controlPlaneOf({ spec }: VirtualCluster): ControlPlane {
  if (spec.kubeconfig !== undefined || spec.kubeconfigSecretRef !== undefined) return { kind: 'existing' };
  return {
    kind: 'managed',
    problem: {
      reason: 'ControlPlaneNotSupported',
      message:
        'Pinion does not create control planes yet; give the kubeconfig of an existing cluster in spec.kubeconfigSecretRef or spec.kubeconfig',
    },
  };
}
