import type { DeleteOptions, KubeClient } from '#kube/client.ts';
import { ignoreStale } from '#kube/errors.ts';
import type { KubeObject, Resource } from '#kube/resource.ts';
import { claims, pods } from '#kube/resources.ts';
import { readClaims, readLive, readPods, WORKLOADS } from './live.ts';
import { deployments } from './manifests/manifest.ts';

/** Grace of a pod without a controller. */
const GRACE_SECONDS = 1;
/** A pod that still exists so long after its deletion is on a node that is gone. */
const STUCK_MS = 90_000;

/**
 * Deletes what is left of a control plane, and never waits: call it again until it resolves to true, which says that
 * nothing is left. @throws ApiError
 */
export async function removeControlPlane(
  client: KubeClient,
  { namespace, selector, now }: { namespace: string; selector: string; now: number },
): Promise<boolean> {
  const [live, livePods, liveClaims] = await Promise.all([
    readLive(client, namespace, selector),
    readPods(client, namespace, selector),
    readClaims(client, namespace, selector),
  ]);
  const all = live.all();
  if (all.length + livePods.length + liveClaims.length === 0) return true;
  // An API server that loses its datastore first uses its whole grace period to stop.
  const apiServers = all.filter(({ resource }) => resource === deployments);
  const batch = apiServers.length > 0 ? apiServers : all;
  // In the foreground, a workload stays until its pods are gone and can't recreate them.
  for (const { resource, object } of batch) {
    const propagation = WORKLOADS.includes(resource) ? 'Foreground' : 'Background';
    await drop(client, resource, object, { propagation });
  }
  if (batch === all) for (const claim of liveClaims) await drop(client, claims, claim);
  const hasController = all.some(({ resource }) => WORKLOADS.includes(resource));
  for (const pod of livePods) {
    const { deletionTimestamp } = pod.metadata;
    if (!deletionTimestamp && !hasController)
      await drop(client, pods, pod, { gracePeriodSeconds: GRACE_SECONDS });
    const isStuck = Date.parse(deletionTimestamp ?? '') + STUCK_MS < now;
    if (isStuck) await drop(client, pods, pod, { gracePeriodSeconds: 0 });
  }
  return false;
}

async function drop(
  client: KubeClient,
  resource: Resource<KubeObject>,
  { metadata }: KubeObject,
  options: DeleteOptions = {},
): Promise<void> {
  if (metadata.deletionTimestamp && options.gracePeriodSeconds === undefined) return;
  const { namespace, name, uid } = metadata;
  await ignoreStale(client.delete(resource, { namespace, name }, { ...options, preconditions: { uid } }));
}
