import { sha256 } from '#api/contract/names.ts';
import { releaseOf, type WorkOrder } from '#api/contract/work-order.ts';

/** The Lease that stands for one release or one plugin's manifests: two plugins of one release share it. */
export function lockName(order: WorkOrder): string {
  const release = releaseOf(order);
  return release === undefined ? `pinion-manifests-${inTarget(order.plugin)}` : `pinion-release-${release}`;
}

/** A plugin's part of the names of its objects in the target; the hash keeps long names apart. */
export function inTarget({ namespace, name }: WorkOrder['plugin']): string {
  const hash = sha256(`${namespace}/${name}`).slice(0, 10);
  // A name must not have a dot before a hyphen.
  return `${name.slice(0, 180).replace(/[^a-z0-9]+$/, '')}-${hash}`;
}
