import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { InstallationRecord, PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { PluginSetProblem } from '#api/plugin-set.ts';
import type { Problem } from '#api/problem.ts';

/** A reason that keeps an action back. `requeueAfterMs`: when to look again, where no change of an object says so. */
export type Hold = Problem & { requeueAfterMs?: number | undefined };

/** Another plugin of the same cluster, or the one itself. */
export type Sibling = {
  plugin: VirtualClusterPlugin;
  status: PluginInstallationStatus;
  /** The status describes the newest generation of cluster, plugin and installation. */
  isCurrent: boolean;
  /** A Job of it was let run. */
  hasStarted: boolean;
};

/** An installation whose plugin the set does not have (any more), and what is recorded of it in the target. */
export type Leftover = { installation: string; plugin: string; record: InstallationRecord };

/** All that may keep an action of one plugin back, as it is now. */
export type HoldInput = {
  cluster: VirtualCluster;
  plugin: string;
  /** All plugins of the cluster, this one among them. */
  siblings: readonly Sibling[];
  /** What is in the target of plugins that are not among them. */
  leftovers: readonly Leftover[];
  /** Plugins of the set that can't be installed at all. */
  setProblems: readonly PluginSetProblem[];
  /** Why the target can't be reached. */
  targetProblem: Hold | undefined;
  /** How long to wait for the next Job, after some that were admitted without the webhook. */
  injectionWaitMs: number;
  /** Other plugins of the cluster whose Jobs are under way, and how many may be. */
  slots: { taken: number; limit: number };
};
