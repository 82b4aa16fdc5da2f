import { sha256 } from '#api/contract/names.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';

/** The Lease that stands for one release or one set of manifests: two plugins of one release share it. */
export function lockName({ install, plugin }: WorkOrder): string {
  switch (install.kind) {
    case 'chart':
      return `pinion-release-${install.releaseName}`;
    case 'yaml':
    case 'kustomize':
      return `pinion-manifests-${inTarget(plugin)}`;
  }
}

/** A plugin's part of the names of its objects in the target; the hash keeps long names apart. */
export function inTarget({ namespace, name }: WorkOrder['plugin']): string {
  const hash = sha256(`${namespace}/${name}`).slice(0, 10);
  // What is before a hyphen must not end in a dot.
  return `${name.slice(0, 180).replace(/[^a-z0-9]+$/, '')}-${hash}`;
}
