import { sha256 } from '#api/names.ts';
import type { WorkOrder } from '#api/work-order.ts';

/** The Lease that stands for one release or one set of manifests: two plugins of one release share it. */
export function lockName({ install, plugin }: WorkOrder): string {
  switch (install.kind) {
    case 'chart':
      return `pinion-release-${install.releaseName}`;
    case 'yaml':
    case 'kustomize': {
      const hash = sha256(`${plugin.namespace}/${plugin.name}`).slice(0, 10);
      return `pinion-manifests-${plugin.name.slice(0, 180)}-${hash}`;
    }
  }
}
