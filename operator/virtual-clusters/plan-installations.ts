import {
  API_VERSION,
  FINALIZER,
  INSTALLATION_COMPONENT,
  installationName,
  LABEL,
  labelValue,
} from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster } from '#api/kinds/objects.ts';
import type { PluginInstallationSpec } from '#api/kinds/plugininstallation.ts';
import type { PluginSetProblem, WantedPlugin } from '#api/plugin-set.ts';
import type { Draft } from '#kube/client.ts';
import { clusterLabels } from '#operator/host/labels.ts';
import { isSameSpec, presentSpec } from '#operator/installations/present-spec.ts';

/** What is to be written so that the installations of a cluster say what its plugin set asks for. */
export type InstallationWrites = {
  create: Draft<PluginInstallation>[];
  /** The object as it is, and the spec that it is to have. */
  update: { installation: PluginInstallation; spec: PluginInstallationSpec }[];
};

/**
 * One installation per plugin that the cluster wants. One that is no longer wanted becomes Absent: its record stays
 * until nothing of it is in the target. A plugin that is wanted and does not exist keeps what it has. Pure.
 */
export function planInstallations(of: {
  cluster: VirtualCluster;
  wanted: readonly WantedPlugin[];
  problems: readonly PluginSetProblem[];
  existing: readonly PluginInstallation[];
}): InstallationWrites {
  const { cluster, wanted, problems, existing } = of;
  const byPlugin = new Map(existing.map((one) => [one.spec.pluginRef.name, one]));
  const specs = new Map(wanted.map((one) => [one.plugin.metadata.name, presentSpec(cluster, one)]));
  const kept = new Set(problems.filter(isMissing).map(({ plugin }) => plugin));
  for (const { spec } of existing) {
    const { name } = spec.pluginRef;
    if (!specs.has(name) && !kept.has(name)) specs.set(name, { ...spec, state: 'Absent' });
  }
  for (const { name, namespace } of legacyEntries(cluster)) {
    if (namespace !== undefined && !specs.has(name) && !kept.has(name)) {
      specs.set(name, absentSpec(cluster, namespace, name));
    }
  }
  const writes: InstallationWrites = { create: [], update: [] };
  for (const [name, spec] of specs) {
    const installation = byPlugin.get(name);
    if (installation === undefined) writes.create.push(draft(cluster, spec));
    else if (!isSameSpec(installation.spec, spec)) writes.update.push({ installation, spec });
  }
  return writes;
}

/** Installed or begun by a release without PluginInstallations, and not taken over yet. */
const legacyEntries = ({ status }: VirtualCluster) =>
  (status?.plugins ?? []).filter(
    ({ installation, digest, job }) =>
      installation === undefined && (digest !== undefined || job !== undefined),
  );

/** It does not exist, so nothing says that it is no longer wanted. */
const isMissing = ({ reason }: PluginSetProblem) => reason === 'PluginNotFound';

const absentSpec = (cluster: VirtualCluster, namespace: string, name: string): PluginInstallationSpec => ({
  clusterRef: { name: cluster.metadata.name },
  pluginRef: { namespace, name },
  state: 'Absent',
});

function draft(cluster: VirtualCluster, spec: PluginInstallationSpec): Draft<PluginInstallation> {
  const { namespace, name } = cluster.metadata;
  const plugin = spec.pluginRef.name;
  return {
    apiVersion: API_VERSION,
    kind: 'PluginInstallation',
    metadata: {
      namespace,
      name: installationName(name, plugin),
      labels: {
        ...clusterLabels(cluster, INSTALLATION_COMPONENT),
        [LABEL.pluginName]: labelValue(plugin),
      },
      finalizers: [FINALIZER],
    },
    spec,
  };
}
