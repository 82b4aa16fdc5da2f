import { API_VERSION } from '#api/contract/names.ts';
import type { Affinity } from '#api/contract/node-affinity.ts';
import type { VolumeAffinity } from '#api/contract/node-binding.ts';
import type {
  ObjectMeta,
  PluginInstallation,
  VirtualCluster,
  VirtualClusterPlugin,
} from '#api/kinds/objects.ts';
import { type OwnerReference, resource } from './resource.ts';

/** The objects that Pinion reads and writes, each with what it reads of it, and where the API keeps them. */
type Meta = ObjectMeta & { ownerReferences?: OwnerReference[] };

export type Terminated = { exitCode: number; reason?: string; message?: string; finishedAt?: string };
export type ContainerStatus = {
  name: string;
  state?: { waiting?: { reason?: string; message?: string }; running?: object; terminated?: Terminated };
  lastState?: { terminated?: Terminated };
};

/** What Pinion reads of a pod. */
export type Pod = {
  metadata: Meta;
  spec?: {
    nodeName?: string;
    volumes?: ({ persistentVolumeClaim?: { claimName: string } } & Record<string, unknown>)[];
  };
  status?: {
    phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    reason?: string;
    message?: string;
    podIP?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
};

export type Job = {
  metadata: Meta;
  spec: {
    suspend?: boolean;
    backoffLimit?: number;
    template: { spec: { affinity?: Affinity; tolerations?: object[] } & Record<string, unknown> } & Record<
      string,
      unknown
    >;
  } & Record<string, unknown>;
  status?: {
    active?: number;
    failed?: number;
    succeeded?: number;
    startTime?: string;
    completionTime?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
};

export type Secret = { metadata: Meta; type?: string; immutable?: boolean; data?: Record<string, string> };
export type ConfigMap = {
  metadata: Meta;
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
};
export type Claim = {
  metadata: Meta;
  spec: {
    accessModes?: string[];
    volumeName?: string;
    resources?: { requests?: { storage?: string } };
  };
  status?: { phase?: string; capacity?: { storage?: string } };
};
export type Taint = { key: string; value?: string; effect: string };
export type Node = {
  metadata: Meta;
  spec?: { unschedulable?: boolean; podCIDR?: string; taints?: Taint[] };
  status?: {
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    addresses?: { type: string; address: string }[];
    allocatable?: Record<string, string>;
  };
};

export type Volume = {
  metadata: Meta;
  spec: VolumeAffinity & { claimRef?: { namespace?: string; name?: string } };
  status?: { phase?: string };
};

export const virtualClusters = resource<VirtualCluster>(API_VERSION, 'VirtualCluster', 'virtualclusters');
export const virtualClusterPlugins = resource<VirtualClusterPlugin>(
  API_VERSION,
  'VirtualClusterPlugin',
  'virtualclusterplugins',
);
export const pluginInstallations = resource<PluginInstallation>(
  API_VERSION,
  'PluginInstallation',
  'plugininstallations',
);
export const jobs = resource<Job>('batch/v1', 'Job', 'jobs');
export const pods = resource<Pod>('v1', 'Pod', 'pods');
export const secrets = resource<Secret>('v1', 'Secret', 'secrets');
export const configMaps = resource<ConfigMap>('v1', 'ConfigMap', 'configmaps');
export const claims = resource<Claim>('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
export const nodes = resource<Node>('v1', 'Node', 'nodes', { namespaced: false });
export const volumes = resource<Volume>('v1', 'PersistentVolume', 'persistentvolumes', { namespaced: false });
