import type { PluginInstallation, VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import type { Blockage } from '#api/pod-start.ts';
import type { LastingProblem, Problem } from '#api/problem.ts';
import type { Job, Pod } from '#kube/resources.ts';
import type { JobAct } from '#operator/executor-jobs/act.ts';
import type { Content } from '#operator/executor-jobs/content.ts';

/** Everything that the decision about one plugin in one cluster depends on. */
export type Observation = {
  cluster: VirtualCluster;
  wanted: WantedPlugin;
  /** What is to be installed, or why that can't be resolved. */
  content: Content | LastingProblem;
  /** The status so far: the durable record. */
  recorded: PluginInstallationStatus;
  /** All Jobs of this installation, and their pods, oldest first. */
  jobs: Job[];
  pods: Pod[];
  /** What keeps the newest pod from starting. */
  blockage?: Blockage | undefined;
  /** The administrator has changed the settings of executor pods since the newest Job was created. */
  settingsChanged?: boolean | undefined;
  /** Why no action may be started now. */
  hold?: Problem | undefined;
  /** Why the target can't be reached now. */
  targetProblem?: Problem | undefined;
  /** Milliseconds since the epoch. */
  now: number;
};

/** What a plan says of the installation; the writer adds conditions, generations and history. */
export type PlannedStatus = Omit<PluginInstallationStatus, 'conditions' | 'history' | `observed${string}`>;

export type InstallationPlan = {
  status: PlannedStatus;
  acts: JobAct[];
  requeueAfterMs?: number | undefined;
};

/** Whether a status describes the newest generation of its installation, of the cluster and of the plugin. */
export const isCurrent = (
  installation: PluginInstallation,
  cluster: VirtualCluster,
  plugin: VirtualClusterPlugin,
): boolean => {
  const { metadata, status = {} } = installation;
  return (
    status.observedGeneration === metadata.generation &&
    status.observedClusterGeneration === cluster.metadata.generation &&
    status.observedPluginGeneration === plugin.metadata.generation
  );
};

/**
 * Whether an installation is under way, done, waiting for something, given up until something changes (`failed`), or has
 * failed in a way that may pass, so that it is tried again later (`resting`).
 */
export type Progress = 'waiting' | 'working' | 'installed' | 'failed' | 'resting';

/** The progress that a status shows: pure and total. */
export function progressOf({
  phase,
  action,
  retry,
}: Pick<PluginInstallationStatus, 'phase' | 'action' | 'retry'>): Progress {
  switch (phase) {
    case 'Installed':
      return 'installed';
    case 'Failed':
      return retry === undefined ? 'failed' : 'resting';
    case 'Pending':
    case 'Installing':
    case 'Orphaned':
    case undefined:
      return action === undefined ? 'waiting' : 'working';
  }
}
