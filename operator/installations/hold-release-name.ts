import { PLUGIN_DEFAULTS } from '#api/kinds/virtualclusterplugin.ts';
import type { Problem } from '#api/problem.ts';
import type { HoldInput, Leftover, Sibling } from './hold-input.ts';

/**
 * Why a chart may not be installed whose release another plugin of the cluster has: Helm would replace the one by the
 * other and delete what the first had installed. A release stays with the plugin that has installed it, else with one
 * that was started, else it goes to the first by name.
 */
export function releaseNameTaken({ cluster, plugin, siblings, leftovers }: HoldInput): Problem | undefined {
  const own = siblings.find((sibling) => nameOf(sibling) === plugin);
  const release = own && releaseOf(own);
  if (own === undefined || release === undefined) return undefined;
  const left = leftovers.find((one) => isReleaseOf(one, release));
  if (left !== undefined && rankOf(own) !== 0) return leftInTarget(left, plugin, cluster.metadata.namespace);
  const [owner] = siblings
    .filter((sibling) => {
      const other = releaseOf(sibling);
      return other?.namespace === release.namespace && other.name === release.name;
    })
    .sort(byClaim);
  if (owner === undefined || owner === own) return undefined;
  return {
    reason: 'ReleaseNameTaken',
    message: `plugins ${nameOf(owner)} and ${plugin} both install release ${release.name} in namespace ${release.namespace}, and ${nameOf(owner)} has it; give ${plugin} another spec.releaseName or spec.targetNamespace, or disable one of them`,
  };
}

/** Whether the record of a leftover is of this release. */
const isReleaseOf = ({ record }: Leftover, release: { namespace: string; name: string }) =>
  record.kind === 'chart' && record.release === release.name && record.targetNamespace === release.namespace;

const leftInTarget = ({ installation, plugin, record }: Leftover, wanted: string, namespace: string) => ({
  reason: 'ReleaseNameTaken',
  message: `release ${record.release} in namespace ${record.targetNamespace} was installed by plugin ${plugin}, which is no longer in the plugin set; to let ${wanted} have the release, delete that record: kubectl delete pinst -n ${namespace} ${installation}; or give ${wanted} another spec.releaseName`,
});

/** From the spec: a plugin whose content can't be resolved just now has its release all the same. */
function releaseOf({ plugin }: Sibling): { namespace: string; name: string } | undefined {
  const { metadata, spec } = plugin;
  if (!spec.pluginSources.chart) return undefined;
  const namespace = spec.targetNamespace ?? PLUGIN_DEFAULTS.targetNamespace;
  return { namespace, name: spec.releaseName ?? metadata.name };
}

function byClaim(a: Sibling, b: Sibling): number {
  const difference = rankOf(a) - rankOf(b);
  if (difference !== 0) return difference;
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

function rankOf(sibling: Sibling): number {
  const release = sibling.status.installed?.release;
  if (release !== undefined && release === releaseOf(sibling)?.name) return 0;
  return sibling.hasStarted ? 1 : 2;
}

const nameOf = ({ plugin }: Sibling) => plugin.metadata.name;
