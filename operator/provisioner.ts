import type { Provisioner } from './provision.ts';
import type { ControlPlaneState } from './tenant.ts';

/** What makes clusters of our own. */
export function createProvisioner(): Provisioner {
  const problem = {
    reason: 'ControlPlaneNotSupported',
    message:
      'Pinion does not create control planes yet; give the kubeconfig of an existing cluster in spec.kubeconfigSecretRef or spec.kubeconfig',
  };
  return {
    controlPlanes: {
      ensure: async (): Promise<ControlPlaneState> => ({ kind: 'waiting', problem, terminal: true }),
      find: async () => undefined,
      remove: async () => true,
    },
    nodeProviders: [],
  };
}
