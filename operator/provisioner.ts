import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import type { Log } from '#kube/log.ts';
import { ManagedControlPlanes } from '#operator/control-planes/control-planes.ts';
import { type ComponentImages, readComponentImages } from '#operator/host/component-images.ts';
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
  /** All VirtualClusters: no host node goes to two of them. */
  clusters: () => readonly VirtualCluster[];
};

/** What makes clusters of our own, with the operator's settings. */
export function createProvisioner(deps: ProvisionerDependencies): Provisioner {
  const { client, clock, controlPlanes: flags, insecureRegistries, workerMaxSize: maxSize } = deps;
  const images = imageReader(deps);
  return {
    controlPlanes: new ManagedControlPlanes({ ...deps, flags, images }),
    nodeProviders: [
      createPromotion({ ...deps, images }),
      createWorkerProvider({ client, clock, images, insecureRegistries, maxSize }),
    ],
  };
}

/** Long enough for the burst of reconciles of one change; who sets new images waits no longer than this. */
const MEMORY_MS = 5_000;

function imageReader({ client, clock, namespace }: ProvisionerDependencies): () => Promise<ComponentImages> {
  let known: { images: ComponentImages; until: number } | undefined;
  return async () => {
    if (known && known.until > clock.now()) return known.images;
    const images = await readComponentImages(client, namespace);
    known = { images, until: clock.now() + MEMORY_MS };
    return images;
  };
}
