import ipaddr from 'ipaddr.js';
import { isExisting, type VirtualClusterSpec } from '../kinds/virtualcluster.ts';
import type { FieldProblem } from '../problem.ts';
import { quantityValue } from '../quantity.ts';
import { controlPlaneProblems } from './control-plane.ts';

const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const NAME = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

/** Whether the text is an IP address without zone or port, or a host name that does not look like a wrong address. */
function isHost(text: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return true;
  if (ipaddr.IPv6.isValid(text)) return !text.includes('%');
  const name = text.toLowerCase();
  return name.length <= 253 && NAME.test(name) && !/(^|\.)\d+$/.test(name);
}

/** Errors in the settings of control plane and nodes that the schema can't express. */
export const managedErrors = (spec: VirtualClusterSpec): FieldProblem[] => [
  ...controlPlaneErrors(spec),
  ...addressErrors(spec),
  ...nodeErrors(spec),
  ...sizeErrors(spec),
];

/** Existing clusters have their own control plane, so its settings are not checked. */
const controlPlaneErrors = (spec: VirtualClusterSpec): FieldProblem[] =>
  isExisting(spec)
    ? []
    : controlPlaneProblems(spec)
        .filter(({ inKosmos }) => !inKosmos)
        .map(({ field, reason, message }) => ({ field, reason, message }));

/** Checked because a certificate with an invalid name can't be read: the API server would not start. */
function addressErrors({
  externalIP,
  externalIps = [],
  kubeInKubeConfig,
}: VirtualClusterSpec): FieldProblem[] {
  const { externalIps: ips = [], externalVips = [] } = kubeInKubeConfig?.tenantEntrypoint ?? {};
  const entry = 'spec.kubeInKubeConfig.tenantEntrypoint';
  const given: [field: string, address: string][] = [
    ...(externalIP ? [['spec.externalIP', externalIP] as [string, string]] : []),
    ...externalIps.map((one, i): [string, string] => [`spec.externalIps[${i}]`, one]),
    ...ips.map((one, i): [string, string] => [`${entry}.externalIps[${i}]`, one]),
    ...externalVips.map((one, i): [string, string] => [`${entry}.externalVips[${i}]`, one]),
  ];
  return given
    .filter(([, address]) => !isHost(address))
    .map(([field, address]) => ({
      field,
      message: `${field} "${address}" is not an address; give an IP address like 203.0.113.7 or a host name like api.example.com, without a port`,
    }));
}

function nodeErrors({
  promoteResources: { nodes = [], nodeInfos = [] } = {},
}: VirtualClusterSpec): FieldProblem[] {
  const field = 'spec.promoteResources';
  const given: [field: string, name: string][] = [
    ...nodes.map((name, i): [string, string] => [`${field}.nodes[${i}]`, name]),
    ...nodeInfos.map(({ nodeName }, i): [string, string] => [`${field}.nodeInfos[${i}].nodeName`, nodeName]),
  ];
  return given
    .filter(([, name]) => !NAME.test(name))
    .map(([at, name]) => ({
      field: at,
      message: `${at} "${name}" is not a valid name of a node; kubectl get nodes lists them`,
    }));
}

function sizeErrors({ kubeInKubeConfig: { etcdUnitSize } = {} }: VirtualClusterSpec): FieldProblem[] {
  if (!etcdUnitSize || quantityValue(etcdUnitSize) >= 1) return [];
  const field = 'spec.kubeInKubeConfig.etcdUnitSize';
  return [{ field, message: `${field} "${etcdUnitSize}" is not a size; give one like 1Gi` }];
}
