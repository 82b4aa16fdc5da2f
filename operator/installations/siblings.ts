import { ANNOTATION } from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { Job } from '#kube/resources.ts';
import type { Sibling } from './hold-input.ts';

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
    const { name, generation } = plugin.metadata;
    const { metadata, status = {} } = byPlugin.get(name) ?? {};
    const isCurrent =
      status.observedGeneration === metadata?.generation &&
      status.observedClusterGeneration === cluster.metadata.generation &&
      status.observedPluginGeneration === generation;
    const hasStarted = started.has(name);
    return { plugin, status, isCurrent, hasStarted };
  });
}
