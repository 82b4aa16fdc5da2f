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
 * Which plugins a cluster installs: (defaults ∪ enabled ∪ what they depend on) − disabled. The cluster's own
 * namespace wins over the catalogue, whose defaults are for clusters that Pinion makes: one that exists already
 * has its DNS. Sorted by name; problems name each plugin that can't be had.
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
  const add = (name: string, askedBy?: string): void => {
    if (wanted.has(name)) return;
    const plugin = visible.get(name);
    if (disabled.has(name)) {
      if (askedBy) problems.set(name, dependencyDisabled(name, askedBy));
    } else if (plugin === undefined) {
      problems.set(name, pluginNotFound(name, namespace, askedBy));
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

const dependencyDisabled = (plugin: string, askedBy: string): PluginSetProblem => ({
  reason: 'DependencyDisabled',
  plugin,
  message: `plugin ${plugin} is disabled but ${askedBy} depends on it; enable ${plugin} or disable ${askedBy}`,
});

const pluginNotFound = (plugin: string, namespace: string, askedBy?: string): PluginSetProblem => ({
  reason: 'PluginNotFound',
  plugin,
  message: `no VirtualClusterPlugin ${plugin} in ${namespace} or ${CATALOGUE_NAMESPACE}${askedBy ? `, which ${askedBy} depends on` : ''}; create it, or remove it from pluginSet.enabled`,
});
