import type { NodeStatus, PluginStatus, VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Assessment } from './assess.ts';

/** What a reconcile has found, for the status. What is absent stays as it was. */
export type Findings = {
  assessment: Assessment;
  plugins: PluginStatus[];
  nodes?: NodeStatus[] | undefined;
  /** Set when the cluster is ready for plugins for the first time. */
  equippedAt?: string | undefined;
  /** The datastore is full or nearly full; null when it has room; absent when nobody has looked. */
  pressure?: Problem | null | undefined;
  controlPlane?: Pick<VirtualClusterStatus, 'port' | 'portMap' | 'kubeconfigSecretRef'>;
};
