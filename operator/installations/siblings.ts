import type { PluginInstallation, VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { Job } from '#kube/resources.ts';
import { isJobOf } from '#operator/executor-jobs/jobs.ts';
import type { Sibling } from './hold-input.ts';

/** What the other installations of a cluster are to one of them: pure. */
export function siblingsOf(of: {
  cluster: VirtualCluster;
  plugins: readonly VirtualClusterPlugin[];
  installations: readonly PluginInstallation[];
  jobs: readonly Job[];
}): Sibling[] {
  const { cluster, plugins, installations, jobs } = of;
  return plugins.map((plugin) => {
    const { name, generation } = plugin.metadata;
    const installation = installations.find(({ spec }) => spec.pluginRef.name === name);
    const { metadata, status = {} } = installation ?? {};
    const isCurrent =
      status.observedGeneration === metadata?.generation &&
      status.observedClusterGeneration === cluster.metadata.generation &&
      status.observedPluginGeneration === generation;
    const hasStarted = jobs.some((job) => job.spec.suspend !== true && isJobOf(job, { name }));
    return { plugin, status, isCurrent, hasStarted };
  });
}
