import ipaddr from 'ipaddr.js';
import { parseDuration } from '#api/duration.ts';
import { ANNOTATION } from '#api/names.ts';
import type { VirtualCluster } from '#api/objects.ts';
import { POD_RANGE, type VirtualClusterSpec } from '#api/virtualcluster.ts';
import type { Problem } from '../plugins/observation.ts';

export const SERVICE_TYPES = ['NodePort', 'LoadBalancer', 'ClusterIP'] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];

/** What the administrator decides for all control planes. */
export type ControlPlaneFlags = {
  serviceType: ServiceType;
  /** Class of the datastores' claims; absent: the host's default class. */
  storageClass?: string | undefined;
  /** Life of leaf certificates; their CAs live ten times as long. */
  certificateLifetimeMs: number;
};

export const SUPPORTED_VERSION = '1.36';
export const CLUSTER_DOMAIN = 'cluster.local';
const SERVICE_RANGE = '10.112.0.0/16';
/** The first of it: what the tenant's own pods call the API server. */
export const KUBERNETES_ADDRESS = '10.112.0.1';
const DNS_ADDRESS = '10.112.0.10';
/** Controllers work one at a time: more would only wait. */
const MOST_CONTROLLERS = 2;
/** Ranges that the kernel does not route, in the words of ipaddr.js. */
const RESERVED: readonly string[] = [
  'unspecified',
  'broadcast',
  'multicast',
  'linkLocal',
  'loopback',
  'reserved',
];
/** Two thirds of it must leave time for a rollout. */
const SHORTEST_LIFE_MS = 120_000;

/** A control plane as it is to be: the spec with all defaults, and nothing that is read anywhere else. */
export type Design = {
  apiServers: number;
  controllers: number;
  serviceType: ServiceType;
  nodePort?: number;
  storage: { size: string; className?: string };
  podRange: string;
  serviceRange: string;
  dnsAddress: string;
  /** Addresses and names of the API server outside, for its certificate; the first is the kubeconfig's. */
  external: readonly string[];
  lifetimeMs: number;
};

/** What a VirtualCluster asks for, or why that can't be. */
export function designOf({ metadata, spec }: VirtualCluster, flags: ControlPlaneFlags): Design | Problem {
  const settings = spec.kubeInKubeConfig ?? {};
  const problem =
    versionProblem(spec.version) ??
    rangeProblem(settings.clusterCIDR) ??
    portProblem(settings.externalPort) ??
    (settings.apiServerServiceType === 'hostNetwork' ? HOST_NETWORK : undefined);
  if (problem) return problem;
  const asked = lifetimeOf(metadata.annotations?.[ANNOTATION.certificateLifetime]);
  if (typeof asked === 'object') return asked;
  const apiServers = settings.apiServerReplicas || 1;
  const className = settings.etcdStorageClass || flags.storageClass;
  const nodePort = settings.externalPort || undefined;
  return {
    apiServers,
    controllers: Math.min(apiServers, MOST_CONTROLLERS),
    serviceType: settings.apiServerServiceType === 'nodePort' ? 'NodePort' : flags.serviceType,
    ...(nodePort && { nodePort }),
    storage: { size: settings.etcdUnitSize || '1Gi', ...(className && { className }) },
    podRange: settings.clusterCIDR || POD_RANGE,
    serviceRange: SERVICE_RANGE,
    dnsAddress: DNS_ADDRESS,
    external: externalOf(spec),
    lifetimeMs: Math.min(flags.certificateLifetimeMs, asked ?? Number.POSITIVE_INFINITY),
  };
}

function externalOf({ externalIP, externalIps = [], kubeInKubeConfig }: VirtualClusterSpec): string[] {
  const { externalIps: ips = [], externalVips = [] } = kubeInKubeConfig?.tenantEntrypoint ?? {};
  return [...new Set([...(externalIP ? [externalIP] : []), ...externalIps, ...ips, ...externalVips])];
}

const HOST_NETWORK: Problem = {
  reason: 'HostNetworkNotSupported',
  message:
    'spec.kubeInKubeConfig.apiServerServiceType hostNetwork is not supported, since tenants would share ports of the host; use nodePort',
};

function versionProblem(version: string | undefined): Problem | undefined {
  const pattern = new RegExp(`^v?${SUPPORTED_VERSION.replace('.', '\\.')}(\\.\\d+)?$`);
  if (!version || pattern.test(version)) return undefined;
  return {
    reason: 'VersionNotSupported',
    message: `spec.version ${version} is not available; this Pinion makes control planes of Kubernetes ${SUPPORTED_VERSION}: give that, or leave the field out`,
  };
}

function rangeProblem(range: string | undefined): Problem | undefined {
  if (!range) return undefined;
  const problem = (why: string): Problem => ({
    reason: 'InvalidClusterCIDR',
    message: `spec.kubeInKubeConfig.clusterCIDR "${range}" ${why}; give an IPv4 range of /8 to /22 like ${POD_RANGE}`,
  });
  if (!ipaddr.IPv4.isValidCIDR(range)) return problem('is not an IPv4 range');
  const [address, bits] = ipaddr.IPv4.parseCIDR(range);
  // Each node takes a /24 of it.
  if (bits < 8 || bits > 22) return problem('is too large or too small');
  if (RESERVED.includes(address.range())) return problem(`is ${address.range()}, which no pod can have`);
  const [service, serviceBits] = ipaddr.IPv4.parseCIDR(SERVICE_RANGE);
  const common = Math.min(bits, serviceBits);
  return address.match(service, common)
    ? problem(`overlaps the Services' range ${SERVICE_RANGE}`)
    : undefined;
}

/** A machine that can't tell pods from the host's own nodes would be cut off. */
export function overlapProblem(podRange: string, hostAddresses: readonly string[]): Problem | undefined {
  const range = ipaddr.IPv4.parseCIDR(podRange);
  const inside = hostAddresses.find((one) => ipaddr.IPv4.isValid(one) && ipaddr.IPv4.parse(one).match(range));
  if (inside === undefined) return undefined;
  return {
    reason: 'InvalidClusterCIDR',
    message: `the pod range ${podRange} holds ${inside}, an address of a host node; give another range in spec.kubeInKubeConfig.clusterCIDR`,
  };
}

function portProblem(port: number | undefined): Problem | undefined {
  if (!port || (port >= 30000 && port <= 32767)) return undefined;
  return {
    reason: 'InvalidExternalPort',
    message: `spec.kubeInKubeConfig.externalPort ${port} is not a node port; give one from 30000 to 32767, or 0 for any`,
  };
}

function lifetimeOf(text: string | undefined): number | undefined | Problem {
  if (text === undefined) return undefined;
  try {
    const asked = parseDuration(text);
    if (asked >= SHORTEST_LIFE_MS) return asked;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return {
    reason: 'InvalidCertificateLifetime',
    message: `the annotation ${ANNOTATION.certificateLifetime} "${text}" is not a duration of at least 2m; write one like 720h`,
  };
}

export const isProblem = (found: object): found is Problem => 'reason' in found && 'message' in found;
