import type { PluginInstallation, VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import type { PluginSetProblem, WantedPlugin } from '#api/plugin-set.ts';
import type { Problem } from '#api/problem.ts';
import { isCurrent, type Progress, progressOf } from '#operator/installations/observation.ts';
import { legacyEntry } from '#operator/installations/takeover.ts';
import type { Unwritten } from './unwritten.ts';

/** A plugin of the cluster as its installation shows it. */
export type Part = {
  /** The entry of `status.plugins[]`. */
  entry: PluginStatus;
  /** `unobserved`: the installation has not been decided on since cluster or plugin changed. */
  progress: Progress | 'unobserved';
  /** Something of it was installed before. */
  wasInstalled: boolean;
};

/** The plugins that a cluster wants, from their installations, sorted by name. Pure. */
export function project(of: {
  cluster: VirtualCluster;
  wanted: readonly WantedPlugin[];
  problems: readonly PluginSetProblem[];
  installations: readonly PluginInstallation[];
  unwritten?: Unwritten;
}): Part[] {
  const { cluster, wanted, problems, installations, unwritten = new Map() } = of;
  const byPlugin = new Map(installations.map((one) => [one.spec.pluginRef.name, one]));
  const find = (name: string) => byPlugin.get(name);
  const parts = wanted.map(({ plugin }) => partOf(cluster, plugin, find(plugin.metadata.name)));
  const absent = problems
    .filter(({ plugin }) => !wanted.some((one) => one.plugin.metadata.name === plugin))
    .map((problem) => missing(cluster, problem, find(problem.plugin)));
  const all = [...parts, ...absent];
  const left = (cluster.status?.plugins ?? [])
    .filter(
      (entry) => isUnclaimed(entry, find(entry.name)) && !all.some((part) => part.entry.name === entry.name),
    )
    .map((entry): Part => ({ entry, progress: 'unobserved', wasInstalled: true }));
  const shown = [...all, ...left].map((part) => withProblem(part, unwritten.get(part.entry.name)));
  return shown.sort((a, b) => (a.entry.name < b.entry.name ? -1 : 1));
}

/** What can't be written of an installation is said of its plugin: it has no status that could. */
const withProblem = (part: Part, problem: Problem | undefined): Part =>
  problem ? { ...part, entry: { ...part.entry, phase: 'Pending', ...problem }, progress: 'waiting' } : part;

/** The only record of what an earlier release has installed: it stays until an installation has taken it over. */
const isUnclaimed = (entry: PluginStatus, installation: PluginInstallation | undefined): boolean =>
  entry.installation === undefined && entry.digest !== undefined && installation?.status === undefined;

function partOf(
  cluster: VirtualCluster,
  plugin: VirtualClusterPlugin,
  installation: PluginInstallation | undefined,
): Part {
  const { name, namespace } = plugin.metadata;
  if (installation?.status === undefined) return untouched(cluster, { name, namespace });
  const { metadata, status } = installation;
  const { phase = 'Pending', reason, message, job, attempts, verified, startTime, completionTime } = status;
  const { release, revision } = status.installed ?? {};
  const shown = phase === 'Orphaned' ? 'Pending' : phase;
  const fields = { reason, message, job, attempts, release, revision, verified, startTime, completionTime };
  return {
    entry: defined({ name, namespace, phase: shown, ...fields, installation: metadata.name }),
    progress: isCurrent(installation, cluster, plugin) ? progressOf(status) : 'unobserved',
    wasInstalled: status.installed !== undefined,
  };
}

/** What an earlier release has recorded stays as it is until the installation has taken it over. */
function untouched(cluster: VirtualCluster, { name, namespace }: { name: string; namespace: string }): Part {
  const before = legacyEntry(cluster, name);
  const entry = before ?? {
    name,
    namespace,
    phase: 'Pending' as const,
    reason: 'WaitingForCluster',
    message: 'waiting for the cluster to be ready for plugins',
  };
  return { entry, progress: 'unobserved', wasInstalled: before?.digest !== undefined };
}

/** A plugin that is wanted and can't be installed. */
function missing(
  cluster: VirtualCluster,
  { plugin: name, reason, message }: PluginSetProblem,
  installation?: PluginInstallation,
): Part {
  const { namespace } = installation?.spec.pluginRef ?? {};
  const { release, revision } = installation?.status?.installed ?? {};
  const phase = 'Pending' as const;
  const before = installation?.status ? undefined : legacyEntry(cluster, name);
  const shown = installation?.status && installation.metadata.name;
  const entry = { name, namespace, phase, reason, message, release, revision, installation: shown };
  return {
    entry: { ...before, ...defined(entry) },
    progress: 'waiting',
    wasInstalled: installation?.status?.installed !== undefined || before?.digest !== undefined,
  };
}

function defined(entry: { [Key in keyof PluginStatus]: PluginStatus[Key] | undefined }): PluginStatus {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as PluginStatus;
}
