/** The loss of pods whose controllers replace them. */
import { expect } from 'vitest';
import type { Pod } from '#kube/resources.ts';
import { eventually, kubectl, list } from '#test/kubectl.ts';

const isReady = ({ status }: Pod) =>
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;

/**
 * Deletes the pods that these flags select, without grace, as the loss of their node would, and waits until as many
 * others are Ready.
 */
export async function replacePods(flags: readonly string[]): Promise<void> {
  const lost = await list<Pod>('pods', ...flags);
  expect(lost).not.toEqual([]);
  await kubectl(['delete', 'pods', ...flags, '--grace-period=0', '--force']);
  const uids = new Set(lost.map(({ metadata }) => metadata.uid));
  await eventually(`${lost.length} other pods of ${flags.join(' ')} are Ready`, 90, async () => {
    const pods = await list<Pod>('pods', ...flags);
    return pods.length === lost.length && pods.every((pod) => !uids.has(pod.metadata.uid) && isReady(pod));
  });
}
