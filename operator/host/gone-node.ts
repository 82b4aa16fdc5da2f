import type { KubeClient } from '#kube/client.ts';
import { isTrue } from '#kube/conditions.ts';
import { ignoreNotFound, ignoreStale } from '#kube/errors.ts';
import { type Node, nodes, type Pod, pods as podResource } from '#kube/resources.ts';

/** On a live node a pod is gone within seconds after its grace period. */
const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 5_000;

/**
 * Force-deletes terminating pods whose node is gone or no longer reports, so that no kubelet can confirm their end: until
 * then their Job creates no successor.
 * @returns in how many milliseconds to look again; undefined when no pod is terminating.
 */
export async function forceDeleteStuckPods(
  { client }: { client: KubeClient },
  pods: readonly Pod[],
  now: number,
): Promise<number | undefined> {
  const terminating = pods.filter(({ metadata }) => metadata.deletionTimestamp);
  if (terminating.length === 0) return undefined;
  for (const pod of terminating.filter((candidate) => isOverdue(candidate, now))) {
    if (await isNodeGone(client, pod.spec?.nodeName)) await forceDelete(client, pod, now);
  }
  return LOOK_AGAIN_MS;
}

/** Whether the grace period, which ends at the deletionTimestamp, is over for a while. */
export const isOverdue = ({ metadata }: Pod, now: number) =>
  now > Date.parse(metadata.deletionTimestamp ?? '') + PATIENCE_MS;

/** Whether the pod's node was deleted or is not Ready. False without a node. @throws ApiError */
export async function isNodeGone(client: KubeClient, name: string | undefined): Promise<boolean> {
  if (name === undefined) return false;
  const node: Node | undefined = await ignoreNotFound(client.get(nodes, { name }));
  return !isTrue(node, 'Ready');
}

/**
 * Deletes the pod as the pod garbage collector does: the Job controller replaces a pod only once it is Failed, and does
 * not count a disrupted one as an attempt.
 */
async function forceDelete(client: KubeClient, { metadata, status }: Pod, now: number): Promise<void> {
  const { uid } = metadata;
  const message = 'the node no longer reports';
  const disrupted = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPinion',
    message,
    lastTransitionTime: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  const others = (status?.conditions ?? []).filter(({ type }) => type !== disrupted.type);
  const failed = { phase: 'Failed', reason: 'NodeLost', message, conditions: [...others, disrupted] };
  const change = { metadata: { uid }, status: failed };
  const marked = client.patch(podResource, metadata, change, { subresource: 'status' });
  if (!(await ignoreStale(marked))) return;
  const options = { gracePeriodSeconds: 0, preconditions: { uid } };
  await ignoreStale(client.delete(podResource, metadata, options));
}
