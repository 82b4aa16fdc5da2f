import { CATALOGUE_NAMESPACE } from './contract/names.ts';
import type { VirtualClusterPlugin } from './kinds/objects.ts';
import { isExisting, type VirtualClusterSpec } from './kinds/virtualcluster.ts';
import type { Values } from './payloads/values.ts';

export type WantedPlugin = { plugin: VirtualClusterPlugin; values?: Values | undefined };
export type PluginSetProblem = {
  reason: 'PluginNotFound' | 'DependencyDisabled';
  plugin: string;
  message: string;
};

/**
 * The plugins that a cluster installs: (defaults ∪ enabled ∪ their dependencies) − disabled. The cluster's own
 * namespace wins over the catalogue, whose defaults are for managed clusters only: existing ones have a DNS already.
 * Sorted by name; problems name each plugin that is missing.
 */
export function resolvePluginSet(
  spec: VirtualClusterSpec,
  namespace: string,
  plugins: readonly VirtualClusterPlugin[],
): { wanted: WantedPlugin[]; problems: PluginSetProblem[] } {
  const visible = visiblePlugins(namespace, plugins);
  const disabled = new Set((spec.pluginSet?.disabled ?? []).map(({ name }) => name));
  const enabled = new Map((spec.pluginSet?.enabled ?? []).map((entry) => [entry.name, entry.values]));
  const wanted = new Map<string, WantedPlugin>();
  const problems = new Map<string, PluginSetProblem>();
  const add = (name: string, dependent?: string): void => {
    if (wanted.has(name)) return;
    const plugin = visible.get(name);
    if (disabled.has(name)) {
      if (dependent) problems.set(name, dependencyDisabled(name, dependent));
    } else if (plugin === undefined) {
      problems.set(name, pluginNotFound(name, namespace, dependent));
    } else {
      wanted.set(name, { plugin, values: enabled.get(name) });
      for (const dependency of plugin.spec.dependsOn ?? []) add(dependency.name, name);
    }
  };
  for (const [name, plugin] of visible) {
    if (isDefault(plugin, spec) && !disabled.has('*')) add(name);
  }
  for (const name of enabled.keys()) add(name);
  const byName = [...wanted.values()].sort((a, b) =>
    a.plugin.metadata.name < b.plugin.metadata.name ? -1 : 1,
  );
  return { wanted: byName, problems: [...problems.values()] };
}

function isDefault({ metadata, spec }: VirtualClusterPlugin, of: VirtualClusterSpec): boolean {
  return spec.default === true && !(isExisting(of) && metadata.namespace === CATALOGUE_NAMESPACE);
}

function visiblePlugins(namespace: string, plugins: readonly VirtualClusterPlugin[]) {
  const visible = new Map<string, VirtualClusterPlugin>();
  for (const from of [CATALOGUE_NAMESPACE, namespace]) {
    for (const plugin of plugins) {
      const { metadata } = plugin;
      if (metadata.namespace === from && !metadata.deletionTimestamp) visible.set(metadata.name, plugin);
    }
  }
  return visible;
}

const dependencyDisabled = (plugin: string, dependent: string): PluginSetProblem => ({
  reason: 'DependencyDisabled',
  plugin,
  message: `plugin ${plugin} is disabled but ${dependent} depends on it; enable ${plugin} or disable ${dependent}`,
});

const pluginNotFound = (plugin: string, namespace: string, dependent?: string): PluginSetProblem => ({
  reason: 'PluginNotFound',
  plugin,
  message: `no VirtualClusterPlugin ${plugin} in ${namespace} or ${CATALOGUE_NAMESPACE}${dependent ? `, which ${dependent} depends on` : ''}; create it, or remove it from pluginSet.enabled`,
});
