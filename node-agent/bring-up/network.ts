import ipaddr from 'ipaddr.js';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { ReasonedError } from '#api/errors.ts';
import { type Files, type Machine, pathsIn } from './machine.ts';

/** The node's bridge and the id of its overlay. Hosts' own networks use neither. */
export const BRIDGE = 'pinion0';
export const OVERLAY_ID = 1100;

/** Kernel settings for pods and Services. Settings that the kernel does not have are skipped. */
export const SYSCTLS: Record<string, string> = {
  'net/ipv4/ip_forward': '1',
  'net/bridge/bridge-nf-call-iptables': '1',
};

/** Settings of flanneld and kube-proxy. */
export function networkFiles(order: JoinOrder, { folders }: Machine): Files {
  const paths = pathsIn(folders);
  const flannel = { Network: order.podRange, EnableIPv4: true, Backend: { Type: 'vxlan', VNI: OVERLAY_ID } };
  const proxy = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    hostnameOverride: order.nodeName,
    clientConnection: { kubeconfig: paths.nodeKubeconfig },
    clusterCIDR: order.podRange,
    iptables: { minSyncPeriod: '0s', syncPeriod: '30s' },
    // The connection table belongs to the machine, which a worker pod shares with others.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  const file = (value: object) => ({ text: `${JSON.stringify(value, null, 2)}\n`, mode: 0o644 });
  return { [paths.networkConfig]: file(flannel), [paths.kubeProxyConfig]: file(proxy) };
}

/**
 * The CNI settings of this node, from the file that flanneld writes once it has the node's range. They must be written
 * again after a restart.
 * @throws ReasonedError `InvalidSubnetFile`
 */
export function podNetworkFiles(subnetFile: string, { folders }: Machine): Files {
  const paths = pathsIn(folders);
  const variables = Object.fromEntries(
    subnetFile.split('\n').flatMap((line) => {
      const [name = '', value = ''] = line.split('=', 2).map((part) => part.trim());
      return name === '' ? [] : [[name, value]];
    }),
  );
  const { FLANNEL_SUBNET: gateway = '', FLANNEL_MTU: mtu = '' } = variables;
  if (!ipaddr.IPv4.isValidCIDR(gateway) || !/^\d+$/.test(mtu)) {
    throw new ReasonedError('InvalidSubnetFile', `${paths.subnet} has no FLANNEL_SUBNET or FLANNEL_MTU`);
  }
  const range = `${ipaddr.IPv4.networkAddressFromCIDR(gateway)}/${gateway.split('/')[1]}`;
  const network = {
    cniVersion: '1.0.0',
    name: 'pinion',
    plugins: [
      {
        type: 'bridge',
        bridge: BRIDGE,
        mtu: Number(mtu),
        isDefaultGateway: true,
        hairpinMode: true,
        // Of what leaves the tenant flanneld takes care.
        ipMasq: false,
        ipam: { type: 'host-local', ranges: [[{ subnet: range }]], dataDir: paths.leases },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  const text = `${JSON.stringify(network, null, 2)}\n`;
  return { [`${paths.cniConfig}/10-pinion.conflist`]: { text, mode: 0o644 } };
}
