import { inTarget } from '#api/contract/target-names.ts';
import { releaseOf, type WorkOrder } from '#api/contract/work-order.ts';

/** The Lease that stands for one release or one plugin's manifests: two plugins of one release share it. */
export function lockName(order: WorkOrder): string {
  const release = releaseOf(order);
  return release === undefined ? `pinion-manifests-${inTarget(order.plugin)}` : `pinion-release-${release}`;
}
