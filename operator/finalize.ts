import { FINALIZER, LABEL } from '#api/names.ts';
import type { VirtualCluster } from '#api/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { isConflict, isNotFound, unlessNotFound } from '#kube/errors.ts';
import type { KubeObject, Resource } from '#kube/resource.ts';
import type { Outcome } from '#kube/work-queue.ts';
import { configMaps, jobs, pods, secrets, virtualClusters } from './objects.ts';
import { forceDeleteStuckPods } from './plugins/gone-node.ts';
import { statusPatch } from './status/build-status.ts';

const LOOK_AGAIN_MS = 1_000;

/**
 * Removes everything of ours in the host that is labelled with the VirtualCluster's uid, in all namespaces, and
 * then the finalizer. Nothing is uninstalled from the target.
 */
export async function finalize(
  client: KubeClient,
  cluster: VirtualCluster,
): Promise<Outcome & { cluster?: VirtualCluster }> {
  const { metadata, status } = cluster;
  if (!metadata.finalizers?.includes(FINALIZER)) return {};
  if (status?.phase !== 'Deleting') {
    const updateTime = new Date().toISOString();
    const patch = statusPatch(cluster, { ...status, phase: 'Deleting', reason: 'Deleting', updateTime });
    return {
      cluster: await client.patch(virtualClusters, metadata, patch, { subresource: 'status' }),
      requeueAfterMs: 0,
    };
  }
  const labelSelector = `${LABEL.clusterUid}=${metadata.uid}`;
  await removeAll(client, jobs, labelSelector);
  // A pod that still runs may yet leave a log: the rest goes when all of them are gone.
  const { items } = await client.list(pods, { labelSelector });
  if (items.length > 0) {
    await forceDeleteStuckPods({ client }, items, Date.now());
    return { requeueAfterMs: LOOK_AGAIN_MS };
  }
  await removeAll(client, secrets, labelSelector);
  await removeAll(client, configMaps, labelSelector);
  const finalizers = metadata.finalizers.filter((one) => one !== FINALIZER);
  const patch = { metadata: { resourceVersion: metadata.resourceVersion, finalizers } };
  await unlessNotFound(client.patch(virtualClusters, metadata, patch));
  return {};
}

async function removeAll<T extends KubeObject>(client: KubeClient, of: Resource<T>, labelSelector: string) {
  const { items } = await client.list(of, { labelSelector, metadataOnly: true });
  await Promise.all(
    items.map(async ({ metadata }) => {
      try {
        await client.delete(of, metadata, { preconditions: { uid: metadata.uid } });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }),
  );
}
