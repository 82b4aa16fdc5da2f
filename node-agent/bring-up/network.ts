import ipaddr from 'ipaddr.js';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { ReasonedError } from '#api/errors.ts';
import { type Files, type Machine, pathsIn } from './machine.ts';

/** The node's bridge and the number of its overlay: neither is one that a host's own network uses. */
export const BRIDGE = 'pinion0';
export const OVERLAY_ID = 1100;

/** What the kernel must do for pods and Services; what is not there to be set is left out. */
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
    // The table of connections is the machine's, and a worker pod is not alone on it.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  const file = (value: object) => ({ text: `${JSON.stringify(value, null, 2)}\n`, mode: 0o644 });
  return { [paths.networkConfig]: file(flannel), [paths.kubeProxyConfig]: file(proxy) };
}

/**
 * The pods' network on this node, from what flanneld wrote when it had the node's range: to be written once
 * that is there, and again after a restart.
 * @throws ReasonedError `InvalidSubnetFile`
 */
export function podNetworkFiles(subnetFile: string, { folders }: Machine): Files {
  const paths = pathsIn(folders);
  const found = Object.fromEntries(
    subnetFile.split('\n').flatMap((line) => {
      const [name = '', value = ''] = line.split('=', 2).map((part) => part.trim());
      return name === '' ? [] : [[name, value]];
    }),
  );
  const { FLANNEL_SUBNET: gateway = '', FLANNEL_MTU: mtu = '' } = found;
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
