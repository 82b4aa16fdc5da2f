import type { NodeStatus, PluginStatus, VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { Assessment } from './assess.ts';

/** What a reconcile has found, for the status. What is absent stays as it was. */
export type Findings = {
  assessment: Assessment;
  plugins: PluginStatus[];
  nodes?: NodeStatus[] | undefined;
  /** Set when the cluster is ready for plugins for the first time. */
  equippedAt?: string | undefined;
  controlPlane?: Pick<VirtualClusterStatus, 'port' | 'portMap' | 'kubeconfigSecretRef'>;
};
