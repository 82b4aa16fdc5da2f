import { PLUGIN_DEFAULTS } from '#api/kinds/virtualclusterplugin.ts';
import type { Problem } from '#api/problem.ts';
import type { PluginObservation } from './observation.ts';

/**
 * Holds every chart whose release another plugin of the cluster has: Helm would replace the one by the other and
 * delete what the first had installed. A release stays with the plugin that has installed it, else with one that was
 * let run, else it goes to the first by name. Pure.
 */
export function holdTakenReleases(observed: readonly PluginObservation[]): PluginObservation[] {
  const owners = new Map<string, PluginObservation>();
  for (const one of observed) {
    const release = releaseOf(one);
    if (!release) continue;
    const owner = owners.get(release.key);
    if (!owner || isBefore(one, owner)) owners.set(release.key, one);
  }
  return observed.map((one) => {
    const release = releaseOf(one);
    const owner = release && owners.get(release.key);
    if (one.hold || !owner || owner === one) return one;
    return { ...one, hold: isTaken(one, owner, release) };
  });
}

type Release = { key: string; namespace: string; name: string };

/** From the spec: a plugin whose content can't be resolved just now has its release all the same. */
function releaseOf({ wanted }: PluginObservation): Release | undefined {
  const { metadata, spec } = wanted.plugin;
  if (!spec.pluginSources.chart) return undefined;
  const namespace = spec.targetNamespace ?? PLUGIN_DEFAULTS.targetNamespace;
  const name = spec.releaseName ?? metadata.name;
  return { key: `${namespace}/${name}`, namespace, name };
}

function isBefore(one: PluginObservation, other: PluginObservation): boolean {
  const difference = rankOf(one) - rankOf(other);
  return difference < 0 || (difference === 0 && nameOf(one) < nameOf(other));
}

function rankOf(one: PluginObservation): number {
  const { release } = one.recorded ?? {};
  if (release !== undefined && release === releaseOf(one)?.name) return 0;
  return one.jobs.some(({ spec }) => spec.suspend !== true) ? 1 : 2;
}

const nameOf = ({ wanted }: PluginObservation) => wanted.plugin.metadata.name;

const isTaken = (
  one: PluginObservation,
  owner: PluginObservation,
  { namespace, name }: Release,
): Problem => ({
  reason: 'ReleaseNameTaken',
  message: `plugins ${nameOf(owner)} and ${nameOf(one)} both install release ${name} in namespace ${namespace}, and ${nameOf(owner)} has it; give ${nameOf(one)} another spec.releaseName or spec.targetNamespace, or disable one of them`,
});
