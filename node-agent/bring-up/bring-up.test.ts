import { expect, test } from 'vitest';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { nodeFiles } from './files.ts';
import { foldersIn, type Machine, pathsIn } from './machine.ts';
import { podNetworkFiles } from './network.ts';
import { services } from './services.ts';
import { nodeAddress } from './system.ts';

const GIB = 2 ** 30;
const order: JoinOrder = {
  nodeName: 'shop-worker-1a2b3c',
  nodeUid: 'uid',
  server: 'https://192.0.2.1:30443',
  authority: 'PEM',
  bootstrapToken: 'abcdef.0123456789abcdef',
  clusterDomain: 'cluster.local',
  dnsAddress: '10.112.0.10',
  podRange: '10.200.0.0/16',
  serviceRange: '10.112.0.0/16',
  pauseImage: 'registry.example.com/pause:1',
  insecureRegistries: ['192.0.2.9:5000'],
  labels: { 'kosmos.io/node-kind': 'Worker' },
};
const machine: Machine = {
  folders: foldersIn('/'),
  programs: '/opt/pinion/bin',
  cniPrograms: '/usr/lib/cni',
  nodeIp: '10.244.1.7',
  cgroupRoot: '/pinion',
  total: { cpuMillis: 4000, memoryBytes: 16 * GIB },
};
const written = (from: JoinOrder, at: Machine = machine) => nodeFiles(from, at, 'nameserver 192.0.2.53\n');
const parsed = (path: keyof ReturnType<typeof pathsIn>, from = order) =>
  JSON.parse(written(from)[pathsIn(machine.folders)[path]]?.text ?? '');

test('a promoted machine’s files and arguments stay below its root', () => {
  const root = '/var/lib/pinion/node';
  const promoted = { ...machine, folders: foldersIn(root) };
  for (const path of Object.keys(written(order, promoted))) expect(path).toMatch(new RegExp(`^${root}/`));
  for (const { argv, needs } of services(order, promoted)) {
    for (const path of [...argv.slice(1), needs ?? root].join(' ').match(/(?<==|^| )\/\S+/g) ?? []) {
      expect(path).toMatch(new RegExp(`^${root}`));
    }
  }
});

test('only the bootstrap kubeconfig holds the token, and only root can read it', () => {
  const holders = Object.entries(written(order)).filter(([, { text }]) =>
    text.includes(order.bootstrapToken),
  );
  expect(holders.map(([path, { mode }]) => [path, mode])).toEqual([
    ['/etc/pinion-node/bootstrap.kubeconfig', 0o600],
  ]);
});

test("kube-proxy and flanneld use the kubelet's certificate and wait for it", () => {
  const certificate = '/var/lib/kubelet/pki/kubelet-client-current.pem';
  expect(parsed('nodeKubeconfig').users[0].user).toEqual({
    'client-certificate': certificate,
    'client-key': certificate,
  });
  expect(parsed('kubeProxyConfig').clientConnection.kubeconfig).toBe('/etc/pinion-node/node.kubeconfig');
  const waiting = services(order, machine).filter(({ needs }) => needs === certificate);
  expect(waiting.map(({ name }) => name)).toEqual(['flanneld', 'kube-proxy']);
});

test('the kubelet waits for containerd’s socket and registers with the labels of the join order', () => {
  const kubelet = services(order, machine).find(({ name }) => name === 'kubelet');
  expect(kubelet?.needs).toBe('/run/pinion-node/containerd.sock');
  expect(kubelet?.argv).toContain('--node-labels=kosmos.io/node-kind=Worker');
  expect(kubelet?.argv).toContain('--hostname-override=shop-worker-1a2b3c');
});

test('the kubelet reserves everything above the size, so that the node offers just the size', () => {
  const capacity = { cpuMillis: 1500, memoryBytes: 2 * GIB };
  const { systemReserved, evictionHard } = parsed('kubeletConfig', { ...order, capacity });
  expect(systemReserved.cpu).toBe('2500m');
  const offered =
    machine.total.memoryBytes - Number(systemReserved.memory) - Number(evictionHard['memory.available']);
  expect(offered).toBe(capacity.memoryBytes);
});

test('the kubelet reserves nothing when the size exceeds the machine', () => {
  const capacity = { cpuMillis: 9000, memoryBytes: 99 * GIB };
  expect(parsed('kubeletConfig', { ...order, capacity }).systemReserved).toEqual({ cpu: '0m', memory: '0' });
});

test('the kubelet reserves nothing on a whole machine', () => {
  expect(parsed('kubeletConfig')).not.toHaveProperty('systemReserved');
});

test('containerd uses plain HTTP for the registries of the join order only', () => {
  const hosts = Object.entries(written(order)).filter(([path]) => path.endsWith('hosts.toml'));
  expect(hosts).toEqual([
    [
      '/etc/pinion-node/registries/192.0.2.9:5000/hosts.toml',
      { mode: 0o644, text: expect.stringContaining('[host."http://192.0.2.9:5000"]') },
    ],
  ]);
});

test("podNetworkFiles takes the range and packet size from flanneld's file", () => {
  const subnet =
    'FLANNEL_NETWORK=10.200.0.0/16\nFLANNEL_SUBNET=10.200.3.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n';
  const file = podNetworkFiles(subnet, machine)['/etc/pinion-node/cni/10-pinion.conflist'];
  const [bridge] = JSON.parse(file?.text ?? '').plugins;
  expect(bridge).toMatchObject({ mtu: 1450, ipam: { ranges: [[{ subnet: '10.200.3.0/24' }]] } });
});

test('podNetworkFiles rejects an incomplete file of flanneld', () => {
  expect(() => podNetworkFiles('FLANNEL_NETWORK=10.200.0.0/16\n', machine)).toThrow(/no FLANNEL_SUBNET/);
});

const ROUTES = `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth1\t0000F40A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth0\t00000000\t0101F40A\t0003\t0\t0\t0\t00000000\t0\t0\t0
`;
const ipv4 = (address: string) =>
  ({ family: 'IPv4', address, netmask: '', mac: '', internal: false, cidr: null }) as const;

test('nodeAddress is the address of the interface with the default route', () => {
  expect(nodeAddress(ROUTES, { eth1: [ipv4('10.244.0.9')], eth0: [ipv4('192.0.2.7')] })).toBe('192.0.2.7');
});

test('nodeAddress rejects a machine without a default route', () => {
  expect(() => nodeAddress('Iface\n', { eth0: [ipv4('192.0.2.7')] })).toThrow(/default route/);
});
