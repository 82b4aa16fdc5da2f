import { canonicalJson } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { PluginInstallationSpec } from '#api/kinds/plugininstallation.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';

/** The spec of the installation of a plugin that a cluster wants. */
export function presentSpec(
  cluster: VirtualCluster,
  { plugin, values }: WantedPlugin,
): PluginInstallationSpec {
  const { namespace, name } = plugin.metadata;
  return {
    clusterRef: { name: cluster.metadata.name },
    pluginRef: { namespace, name },
    state: 'Present',
    ...(values !== undefined && { values }),
  };
}

/** Whether two specs ask for the same. */
export const isSameSpec = (a: PluginInstallationSpec, b: PluginInstallationSpec): boolean =>
  canonicalJson({ state: 'Present', ...a }) === canonicalJson({ state: 'Present', ...b });
