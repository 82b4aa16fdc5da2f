import ipaddr from 'ipaddr.js';
import { ANNOTATION } from '#api/contract/names.ts';
import { parseDuration } from '#api/duration.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { POD_RANGE, type VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { controlPlaneProblems, SERVICE_RANGE } from '#api/validation/control-plane.ts';

export const SERVICE_TYPES = ['NodePort', 'LoadBalancer', 'ClusterIP'] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];

/** Operator flags that apply to all control planes. */
export type ControlPlaneFlags = {
  serviceType: ServiceType;
  /** Storage class of etcd's claims; absent: the host's default class. */
  storageClass?: string | undefined;
  /** Life of leaf certificates; CAs live ten times as long. */
  certificateLifetimeMs: number;
};

export const CLUSTER_DOMAIN = 'cluster.local';
/** First address of the Service range: the tenant's pods reach the API server there. */
export const KUBERNETES_ADDRESS = '10.112.0.1';
const DNS_ADDRESS = '10.112.0.10';
/** Only one replica is active; a second one is enough for failover. */
const MOST_CONTROLLERS = 2;
/** Two thirds of a certificate's life must leave time for a rollout. */
const SHORTEST_LIFE_MS = 120_000;

/** What a control plane is rendered from: the VirtualCluster's spec with all defaults applied. */
export type ControlPlaneSpec = {
  apiServers: number;
  controllers: number;
  serviceType: ServiceType;
  nodePort?: number;
  /** `volume`: the size of the claim that exists, which may have been enlarged since. */
  storage: { size: string; className?: string; volume?: string };
  podRange: string;
  serviceRange: string;
  dnsAddress: string;
  /** External addresses and names for the API server's certificate. The kubeconfig uses the first one. */
  external: readonly string[];
  lifetimeMs: number;
};

/** Applies defaults and flags to a VirtualCluster's spec. @returns a Problem when the spec is invalid */
export function controlPlaneSpecOf(
  { metadata, spec }: VirtualCluster,
  flags: ControlPlaneFlags,
): ControlPlaneSpec | Problem {
  const settings = spec.kubeInKubeConfig ?? {};
  const [problem] = controlPlaneProblems(spec);
  if (problem) return problem;
  const lifetimeMs = lifetimeOf(metadata.annotations?.[ANNOTATION.certificateLifetime]);
  if (typeof lifetimeMs === 'object') return lifetimeMs;
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
    lifetimeMs: Math.min(flags.certificateLifetimeMs, lifetimeMs ?? Number.POSITIVE_INFINITY),
  };
}

function externalOf({ externalIP, externalIps = [], kubeInKubeConfig }: VirtualClusterSpec): string[] {
  const { externalIps: ips = [], externalVips = [] } = kubeInKubeConfig?.tenantEntrypoint ?? {};
  return [...new Set([...(externalIP ? [externalIP] : []), ...externalIps, ...ips, ...externalVips])];
}

/** A machine with a pod range that holds a host address could not reach that host node any more. */
export function overlapProblem(podRange: string, hostAddresses: readonly string[]): Problem | undefined {
  const range = ipaddr.IPv4.parseCIDR(podRange);
  const inside = hostAddresses.find(
    (address) => ipaddr.IPv4.isValid(address) && ipaddr.IPv4.parse(address).match(range),
  );
  if (inside === undefined) return undefined;
  return {
    reason: 'InvalidClusterCIDR',
    message: `the pod range ${podRange} contains ${inside}, an address of a host node; set another range in spec.kubeInKubeConfig.clusterCIDR`,
  };
}

function lifetimeOf(text: string | undefined): number | undefined | Problem {
  if (text === undefined) return undefined;
  try {
    const lifetimeMs = parseDuration(text);
    if (lifetimeMs >= SHORTEST_LIFE_MS) return lifetimeMs;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return {
    reason: 'InvalidCertificateLifetime',
    message: `the annotation ${ANNOTATION.certificateLifetime} "${text}" is not a duration of at least 2m; write one like 720h`,
  };
}
