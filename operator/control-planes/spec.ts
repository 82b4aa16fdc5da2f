import ipaddr from 'ipaddr.js';
import { ANNOTATION } from '#api/contract/names.ts';
import { parseDuration } from '#api/duration.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { POD_RANGE, type VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { controlPlaneProblems, SERVICE_RANGE } from '#api/validation/control-plane.ts';

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

export const CLUSTER_DOMAIN = 'cluster.local';
/** The first of it: what the tenant's own pods call the API server. */
export const KUBERNETES_ADDRESS = '10.112.0.1';
const DNS_ADDRESS = '10.112.0.10';
/** Controllers work one at a time: more would only wait. */
const MOST_CONTROLLERS = 2;
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
  const [problem] = controlPlaneProblems(spec);
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
