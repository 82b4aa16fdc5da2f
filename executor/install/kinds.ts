import type { WorkOrder } from '#api/contract/work-order.ts';
import type { InstallContext, Installed } from './context.ts';

/** How each kind of plugin is installed. A kind is a file and a row; only the one that is needed is loaded. */
export async function installByKind(
  context: InstallContext,
  install: WorkOrder['install'],
): Promise<Installed> {
  switch (install.kind) {
    case 'chart':
      return (await import('./chart.ts')).installChart(context, install);
    case 'yaml':
      return (await import('./yaml.ts')).installYaml(context, install);
    case 'kustomize':
      return (await import('./kustomize.ts')).installKustomize(context, install);
  }
}
