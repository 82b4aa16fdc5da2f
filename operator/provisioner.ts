import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import type { Log } from '#kube/log.ts';
import { cached } from '#kube/ttl-cache.ts';
import { createControlPlanes } from '#operator/control-planes/control-planes.ts';
import { readComponentImages } from '#operator/host/component-images.ts';
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
  /** All VirtualClusters, so that no host node is given to two of them. */
  clusters: () => readonly VirtualCluster[];
};

/** Covers the burst of reconciles after one change; new images take effect after this time at the latest. */
const IMAGES_TTL_MS = 5_000;

/** Creates the providers of managed clusters (control planes and nodes) with the operator's settings. */
export function createProvisioner(deps: ProvisionerDependencies): Provisioner {
  const { client, clock, controlPlanes: flags, insecureRegistries, namespace, workerMaxSize: maxSize } = deps;
  const images = cached({ clock, ttlMs: IMAGES_TTL_MS }, () => readComponentImages(client, namespace));
  return {
    controlPlanes: createControlPlanes({ ...deps, flags, images }),
    nodeProviders: [
      createPromotion({ ...deps, images }),
      createWorkerProvider({ client, clock, images, insecureRegistries, maxSize }),
    ],
  };
}
