import ipaddr from 'ipaddr.js';
import { POD_RANGE, type VirtualClusterSpec } from '../kinds/virtualcluster.ts';

export const SERVICE_RANGE = '10.112.0.0/16';
const SUPPORTED_VERSION = '1.36';
/** Kinds of ranges that the kernel does not route, as ipaddr.js names them. */
const RESERVED: readonly string[] = [
  'unspecified',
  'broadcast',
  'multicast',
  'linkLocal',
  'loopback',
  'reserved',
];

export type ControlPlaneProblem = {
  field: string;
  reason: string;
  message: string;
  /** Whether Kosmos accepts it: then the manifest may be applied, and the status reports the problem. */
  inKosmos: boolean;
};

/** Why the requested control plane can't be created. */
export const controlPlaneProblems = ({
  version,
  kubeInKubeConfig: { clusterCIDR, externalPort, apiServerServiceType } = {},
}: VirtualClusterSpec): ControlPlaneProblem[] => [
  ...versionProblem(version),
  ...rangeProblem(clusterCIDR),
  ...portProblem(externalPort),
  ...serviceProblem(apiServerServiceType),
];

function versionProblem(version: string | undefined): ControlPlaneProblem[] {
  const pattern = new RegExp(`^v?${SUPPORTED_VERSION.replace('.', '\\.')}(\\.\\d+)?$`);
  if (!version || pattern.test(version)) return [];
  const field = 'spec.version';
  return [
    {
      field,
      reason: 'VersionNotSupported',
      message: `${field} ${version} is not available; this Pinion creates control planes of Kubernetes ${SUPPORTED_VERSION}: set that version, or remove the field`,
      inKosmos: false,
    },
  ];
}

function rangeProblem(range: string | undefined): ControlPlaneProblem[] {
  const why = range ? whyNotPodRange(range) : undefined;
  if (why === undefined) return [];
  const field = 'spec.kubeInKubeConfig.clusterCIDR';
  const message = `${field} "${range}" ${why}; give an IPv4 range of /8 to /22 like ${POD_RANGE}`;
  return [{ field, reason: 'InvalidClusterCIDR', message, inKosmos: false }];
}

function whyNotPodRange(range: string): string | undefined {
  if (!ipaddr.IPv4.isValidCIDR(range)) return 'is not an IPv4 range';
  const [address, bits] = ipaddr.IPv4.parseCIDR(range);
  // Each node takes a /24 of it.
  if (bits < 8 || bits > 22) return 'is too large or too small';
  if (RESERVED.includes(address.range())) return `is ${address.range()}, which pods can't use`;
  const [service, serviceBits] = ipaddr.IPv4.parseCIDR(SERVICE_RANGE);
  const isOverlap = address.match(service, Math.min(bits, serviceBits));
  return isOverlap ? `overlaps the Service range ${SERVICE_RANGE}` : undefined;
}

function portProblem(port: number | undefined): ControlPlaneProblem[] {
  if (!port || (port >= 30000 && port <= 32767)) return [];
  const field = 'spec.kubeInKubeConfig.externalPort';
  const message = `${field} ${port} is not a node port; give one from 30000 to 32767, or 0 for any free port`;
  return [{ field, reason: 'InvalidExternalPort', message, inKosmos: true }];
}

function serviceProblem(type: string | undefined): ControlPlaneProblem[] {
  if (type !== 'hostNetwork') return [];
  const field = 'spec.kubeInKubeConfig.apiServerServiceType';
  const message = `${field} hostNetwork is not supported, because tenants would share ports of the host; use nodePort`;
  return [{ field, reason: 'HostNetworkNotSupported', message, inKosmos: true }];
}
