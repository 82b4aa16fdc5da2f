import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import type { Problem } from '#api/problem.ts';
import type { Blockage } from '#kube/pod-start.ts';
import type { PluginAct } from '#operator/executor-jobs/act.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import type { Job, Pod } from '#operator/host/objects.ts';
/** Everything that the decision about one plugin of one cluster depends on. */
export type PluginObservation = {
  cluster: VirtualCluster;
  wanted: WantedPlugin;
  /** What is to be installed, or why that can't be said. */
  content: Content | (Problem & { terminal?: boolean });
  /** What the status says so far: the durable record. */
  recorded: PluginStatus | undefined;
  /** All Jobs of this plugin for this cluster, and their pods, oldest first. */
  jobs: Job[];
  pods: Pod[];
  blockage?: Blockage | undefined;
  /** Why nothing may be started now: the target does not answer, or the cluster is suspended. */
  hold?: Problem | undefined;
};

export type PluginPlan = {
  status: PluginStatus;
  acts: PluginAct[];
  requeueAfterMs?: number | undefined;
  /** Whether it is on its way, done, or given up until something changes. */
  progress: 'waiting' | 'working' | 'installed' | 'failed';
};
