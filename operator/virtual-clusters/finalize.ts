import {
  CONTROL_PLANE_COMPONENT,
  EXECUTOR_COMPONENT,
  FINALIZER,
  LABEL,
  PROMOTED_COMPONENT,
  WORKER_COMPONENT,
} from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { isExisting } from '#api/kinds/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreStale } from '#kube/errors.ts';
import type { KubeObject, Resource } from '#kube/resource.ts';
import { configMaps, jobs, type Pod, pods, secrets } from '#kube/resources.ts';
import type { Outcome } from '#kube/work-queue.ts';
import { forceDeleteStuckPods } from '#operator/host/gone-node.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import type { ClusterInstallations } from './installations.ts';
import { areNodesReturned, deprovision, type Provisioner } from './provision.ts';

const LOOK_AGAIN_MS = 500;

/**
 * Gives nodes back, takes the control plane down, and removes everything of ours in the host that is labelled with
 * the VirtualCluster's uid, in all namespaces; then the finalizer. Nothing is uninstalled from the target.
 */
export async function finalize(
  {
    client,
    provisioner,
    installations,
  }: { client: KubeClient; provisioner: Provisioner; installations: Pick<ClusterInstallations, 'remove'> },
  writer: ClusterWriter,
): Promise<Outcome> {
  const { metadata, status } = writer.cluster;
  if (!metadata.finalizers?.includes(FINALIZER)) return {};
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  // Deletion is a new generation.
  if (ready?.observedGeneration !== metadata.generation) await writer.writeDeletion('Deleting');
  // First: as long as there is one, its controller may create a Job.
  if (!(await installations.remove(writer.cluster))) return { requeueAfterMs: LOOK_AGAIN_MS };
  const ofCluster = `${LABEL.clusterUid}=${metadata.uid}`;
  await removeAll(client, jobs, ofCluster);
  const labelSelector = `${ofCluster},${LABEL.component}=${EXECUTOR_COMPONENT}`;
  const { items } = await client.list(pods, { labelSelector });
  await removePods(client, items);
  const isOurs = await isProvisioned(client, writer.cluster);
  const isGone = isOurs ? await deprovision(provisioner, writer) : true;
  // A pod that still runs may yet leave a log: the rest goes when all of them are gone.
  if (items.length > 0 || !isGone) return { requeueAfterMs: LOOK_AGAIN_MS };
  await removeAll(client, secrets, ofCluster);
  await removeAll(client, configMaps, ofCluster);
  await writer.removeFinalizer();
  return {};
}

/** Also those whose Job was deleted without them: nobody else takes them away. */
async function removePods(client: KubeClient, items: readonly Pod[]): Promise<void> {
  if (items.length === 0) return;
  const untouched = items.filter(({ metadata }) => !metadata.deletionTimestamp);
  await deleteEach(client, pods, untouched);
  await forceDeleteStuckPods({ client }, items, Date.now());
}

const PROVISIONED = `${LABEL.component} in (${[CONTROL_PLANE_COMPONENT, PROMOTED_COMPONENT, WORKER_COMPONENT].join(',')})`;

/** Whether nodes or a control plane of ours are there: not only what the spec says today, whatever it said before. */
export async function isProvisioned(
  client: Pick<KubeClient, 'list'>,
  cluster: VirtualCluster,
): Promise<boolean> {
  if (!isExisting(cluster.spec) || areNodesReturned(cluster)) return true;
  const labelSelector = `${LABEL.clusterUid}=${cluster.metadata.uid},${PROVISIONED}`;
  const found = await Promise.all(
    [secrets, configMaps].map((of) => client.list<KubeObject>(of, { labelSelector, metadataOnly: true })),
  );
  return found.some(({ items }) => items.length > 0);
}

async function removeAll<T extends KubeObject>(client: KubeClient, of: Resource<T>, labelSelector: string) {
  const { items } = await client.list(of, { labelSelector, metadataOnly: true });
  await deleteEach(client, of, items);
}

async function deleteEach<T extends KubeObject>(client: KubeClient, of: Resource<T>, items: readonly T[]) {
  await Promise.all(
    items.map(({ metadata }) =>
      ignoreStale(client.delete(of, metadata, { preconditions: { uid: metadata.uid } })),
    ),
  );
}
