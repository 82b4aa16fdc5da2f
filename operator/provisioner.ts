import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import type { Log } from '#kube/log.ts';
import { ManagedControlPlanes } from '#operator/control-planes/control-planes.ts';
import type { ComponentImages } from '#operator/host/component-images.ts';
import type { EventReader } from '#operator/host/event-reader.ts';
import type { ReadPodSettings } from '#operator/host/pod-settings-reader.ts';
import type { Provisioner } from '#operator/virtual-clusters/provision.ts';
import type { Config } from './config.ts';
import { createPromotion } from './nodes/promotion/provider.ts';
import { createWorkerProvider } from './nodes/workers/provider.ts';

export type ProvisionerDependencies = Pick<
  Config,
  'controlPlanes' | 'insecureRegistries' | 'namespace' | 'promotableLabels' | 'workerMaxSize'
> & {
  client: KubeClient;
  clock: Clock;
  log: Log;
  images: () => Promise<ComponentImages>;
  podSettings: ReadPodSettings;
  /** Events of the host. */
  events: EventReader;
  /** All VirtualClusters, so that no host node is given to two of them. */
  clusters: () => readonly VirtualCluster[];
};

/** Creates the providers of managed clusters (control planes and nodes) with the operator's settings. */
export function createProvisioner(deps: ProvisionerDependencies): Provisioner {
  const { controlPlanes: flags, workerMaxSize: maxSize } = deps;
  return {
    controlPlanes: new ManagedControlPlanes({ ...deps, flags }),
    nodeProviders: [createPromotion(deps), createWorkerProvider({ ...deps, maxSize })],
  };
}
