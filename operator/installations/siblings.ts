import { ANNOTATION } from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { Job } from '#kube/resources.ts';
import type { Sibling } from './hold-input.ts';
import { isCurrent } from './observation.ts';

/** What the other installations of a cluster are to one of them: pure. */
export function siblingsOf(of: {
  cluster: VirtualCluster;
  plugins: readonly VirtualClusterPlugin[];
  installations: readonly PluginInstallation[];
  jobs: readonly Job[];
}): Sibling[] {
  const { cluster, plugins, installations, jobs } = of;
  const byPlugin = new Map(installations.map((one) => [one.spec.pluginRef.name, one]));
  const started = new Set(
    jobs
      .filter(({ spec }) => spec.suspend !== true)
      .map(({ metadata }) => metadata.annotations?.[ANNOTATION.plugin]),
  );
  return plugins.map((plugin) => {
    const { name } = plugin.metadata;
    const installation = byPlugin.get(name);
    return {
      plugin,
      status: installation?.status ?? {},
      isCurrent: installation !== undefined && isCurrent(installation, cluster, plugin),
      hasStarted: started.has(name),
    };
  });
}
