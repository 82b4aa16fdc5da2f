import type { PluginInstallationSpec, PluginInstallationStatus } from './plugininstallation.ts';
import type { VirtualClusterSpec, VirtualClusterStatus } from './virtualcluster.ts';
import type { VirtualClusterPluginSpec, VirtualClusterPluginStatus } from './virtualclusterplugin.ts';

/** What Pinion reads of any object's metadata. */
export type ObjectMeta = {
  name: string;
  namespace: string;
  uid: string;
  generation?: number;
  resourceVersion?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};

export type VirtualCluster = {
  apiVersion: string;
  kind: 'VirtualCluster';
  metadata: ObjectMeta;
  spec: VirtualClusterSpec;
  status?: VirtualClusterStatus;
};

export type VirtualClusterPlugin = {
  apiVersion: string;
  kind: 'VirtualClusterPlugin';
  metadata: ObjectMeta;
  spec: VirtualClusterPluginSpec;
  status?: VirtualClusterPluginStatus;
};

export type PluginInstallation = {
  apiVersion: string;
  kind: 'PluginInstallation';
  metadata: ObjectMeta;
  spec: PluginInstallationSpec;
  status?: PluginInstallationStatus;
};
