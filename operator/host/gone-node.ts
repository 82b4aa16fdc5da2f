import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound, ignoreStale } from '#kube/errors.ts';
import { type Node, nodes, type Pod, pods as podResource } from '#kube/resources.ts';

/** After its grace a pod on a live node is gone within seconds. */
const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 5_000;

/**
 * Force-deletes pods whose end nobody can confirm, because their node is gone or no longer reports: the Job makes
 * no successor before. Gives when to look again, if any pod is on its way out.
 */
export async function forceDeleteStuckPods(
  { client }: { client: KubeClient },
  pods: readonly Pod[],
  now: number,
): Promise<number | undefined> {
  const leaving = pods.filter(({ metadata }) => metadata.deletionTimestamp);
  if (leaving.length === 0) return undefined;
  for (const pod of leaving.filter((one) => isOverdue(one, now))) {
    if (await isNodeGone(client, pod.spec?.nodeName)) await forceDelete(client, pod, now);
  }
  return LOOK_AGAIN_MS;
}

/** A deletionTimestamp is the time at which the grace ends. */
export const isOverdue = ({ metadata }: Pod, now: number) =>
  now > Date.parse(metadata.deletionTimestamp ?? '') + PATIENCE_MS;

export async function isNodeGone(client: KubeClient, name: string | undefined): Promise<boolean> {
  if (name === undefined) return false;
  const node: Node | undefined = await ignoreNotFound(client.get(nodes, { name }));
  return !node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/**
 * As the garbage collector of pods does it: the Job controller only replaces a pod that is Failed, and does not
 * count one that was disrupted.
 */
async function forceDelete(client: KubeClient, { metadata, status }: Pod, now: number): Promise<void> {
  const { uid } = metadata;
  const message = 'its node does not answer any more';
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
