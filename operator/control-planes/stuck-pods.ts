import { LABEL } from '#api/contract/names.ts';
import { newestWarning } from '#api/pod-start.ts';
import type { KubeClient } from '#kube/client.ts';
import { isTrue } from '#kube/conditions.ts';
import { ignoreStale } from '#kube/errors.ts';
import { type Pod, pods } from '#kube/resources.ts';
import type { EventReader } from '#operator/host/event-reader.ts';
import { type Live, WORKLOADS } from './live.ts';
import { statefulSets } from './manifests/manifest.ts';
import type { Workload } from './rollout.ts';

const etcdOf = (live: Live): Workload[] =>
  live.all().flatMap(({ resource, object }) => (resource === statefulSets ? [object as Workload] : []));

/**
 * Why workloads without a pod have none, by their names. Only the events of a StatefulSet say so; a Deployment has a
 * condition. @throws ApiError
 */
export async function creationFailures(
  events: EventReader,
  namespace: string,
  live: Live,
): Promise<Map<string, string>> {
  const failures = new Map<string, string>();
  for (const { metadata, status } of etcdOf(live)) {
    if ((status?.replicas ?? 0) > 0) continue;
    const found = newestWarning(await events.about({ namespace, uid: metadata.uid }));
    if (found?.message) failures.set(metadata.name, found.message);
  }
  return failures;
}

/**
 * Has the host's controllers try again to create pods that were refused: by themselves they wait as long as it has failed
 * already, and up to a quarter of an hour. They look at an object at once when it changes. @throws ApiError
 */
export async function retryCreation(
  client: KubeClient,
  live: Live,
  failures: ReadonlyMap<string, string>,
  now: number,
): Promise<void> {
  const [retried, stamp] = ['kosmos.io/retried', String(Math.floor(now / RETRY_MS))];
  for (const { resource, object } of live.all()) {
    const { metadata } = object;
    const refused = failures.has(metadata.name) || isTrue(object as Workload, 'ReplicaFailure');
    if (!WORKLOADS.includes(resource) || !refused || metadata.annotations?.[retried] === stamp) continue;
    // The annotations of a Deployment reach its ReplicaSet.
    const annotations = { [retried]: stamp };
    await ignoreStale(client.patch(resource, metadata, { metadata: { uid: metadata.uid, annotations } }));
  }
}

const RETRY_MS = 15_000;

/**
 * Deletes the pod of a StatefulSet that no node has taken and that is older than the StatefulSet's template: its
 * controller waits for such a pod before it replaces it. @throws ApiError
 */
export async function replaceUnscheduled(
  client: KubeClient,
  live: Live,
  found: readonly Pod[],
): Promise<void> {
  for (const { metadata, status } of etcdOf(live)) {
    const stuck = found.find(
      (pod) =>
        pod.metadata.name === `${metadata.name}-0` &&
        !pod.spec?.nodeName &&
        status?.updateRevision !== undefined &&
        pod.metadata.labels?.[REVISION] !== status.updateRevision &&
        pod.metadata.labels?.[LABEL.clusterUid] === metadata.labels?.[LABEL.clusterUid],
    );
    if (!stuck) continue;
    const { uid } = stuck.metadata;
    await ignoreStale(client.delete(pods, stuck.metadata, { preconditions: { uid } }));
  }
}

const REVISION = 'controller-revision-hash';
