import type { VirtualCluster } from '#api/objects.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import type { PluginStatus } from '#api/virtualcluster.ts';
import type { Job, Pod } from '../objects.ts';
import type { Blockage } from './blockage.ts';
import type { Content } from './content.ts';

/** Why something is not as it should be: `reason` is UpperCamelCase, `message` says what to do. */
export type Problem = { reason: string; message: string };

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

export type PluginAct =
  | { kind: 'create'; name: string; content: Content }
  /** Make its Secret, pin it, let it run. */
  | { kind: 'release'; job: Job; content: Content }
  | { kind: 'delete'; job: Job; because: 'superseded' | 'outdated' | 'not injected' | 'injected otherwise' };

export type PluginPlan = {
  status: PluginStatus;
  acts: PluginAct[];
  requeueAfterMs?: number | undefined;
  /** Whether it is on its way, done, or given up until something changes. */
  progress: 'waiting' | 'working' | 'installed' | 'failed';
};
