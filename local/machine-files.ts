import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dnsAddress } from './addresses.ts';
import { machineLayout } from './layout.ts';
import type { MachineName } from './names.ts';
import { type Authority, issue, kubeconfigFor, newKey } from './pki.ts';
import {
  auditPolicy,
  cniConfig,
  containerdConfig,
  kubeletConfig,
  kubeProxyConfig,
  registryConfig,
  registryHosts,
} from './settings.ts';
import type { Cluster } from './state.ts';
import { pkiFolder as pki, prepareScript, unitsFor } from './units.ts';

/** Files of one machine by path. */
type Files = Record<string, string>;

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

/** Keys and kubeconfigs that only the control plane has. */
async function controlPlaneFiles(cluster: Cluster, authority: Authority, address: string): Promise<Files> {
  const dnsNames = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'control-plane',
    'localhost',
  ];
  const [server, toKubelet, manager, scheduler, tokens] = await Promise.all([
    issue(authority, { name: 'kube-apiserver', dnsNames, addresses: [address, '10.96.0.1', '127.0.0.1'] }),
    issue(authority, { name: 'kube-apiserver-kubelet-client', groups: ['system:masters'] }),
    issue(authority, { name: 'system:kube-controller-manager' }),
    issue(authority, { name: 'system:kube-scheduler' }),
    newKey(),
  ]);
  return {
    [`${pki}/ca.key`]: authority.key,
    [`${pki}/apiserver.crt`]: server.certificate,
    [`${pki}/apiserver.key`]: server.key,
    [`${pki}/apiserver-kubelet.crt`]: toKubelet.certificate,
    [`${pki}/apiserver-kubelet.key`]: toKubelet.key,
    [`${pki}/service-account.key`]: tokens.key,
    [`${pki}/service-account.pub`]: tokens.publicKey,
    '/etc/kubernetes/controller-manager.kubeconfig': kubeconfigFor(cluster.apiServer, authority, manager),
    '/etc/kubernetes/scheduler.kubeconfig': kubeconfigFor(cluster.apiServer, authority, scheduler),
    '/etc/docker/registry/config.yml': registryConfig(address),
    '/etc/kubernetes/audit-policy.json': json(auditPolicy),
  };
}

/** Keys, kubeconfigs and settings that every node has. */
async function nodeFiles(cluster: Cluster, authority: Authority, machine: MachineName): Promise<Files> {
  const own = cluster.addresses.machines.find((m) => m.name === machine);
  const address = own?.address ?? '';
  const [kubelet, proxy] = await Promise.all([
    issue(authority, {
      name: `system:node:${machine}`,
      groups: ['system:nodes'],
      dnsNames: [machine],
      addresses: [address],
    }),
    issue(authority, { name: 'system:kube-proxy' }),
  ]);
  const hosts = cluster.addresses.machines.map((m) => `${m.address} ${m.name}`).join('\n');
  return {
    '/etc/hosts': `127.0.0.1 localhost\n${hosts}\n`,
    '/etc/hostname': `${machine}\n`,
    '/etc/resolv.conf': `nameserver ${dnsAddress}\n`,
    '/etc/kubernetes/resolv.conf': '',
    '/etc/kubernetes/node.env': `NODE_IP=${address}\n`,
    '/etc/kubernetes/kubelet.json': json(kubeletConfig(machine)),
    '/etc/kubernetes/kube-proxy.json': json(kubeProxyConfig),
    '/etc/kubernetes/kubelet.kubeconfig': kubeconfigFor(cluster.apiServer, authority, kubelet),
    '/etc/kubernetes/kube-proxy.kubeconfig': kubeconfigFor(cluster.apiServer, authority, proxy),
    [`${pki}/ca.crt`]: authority.certificate,
    [`${pki}/kubelet.crt`]: kubelet.certificate,
    [`${pki}/kubelet.key`]: kubelet.key,
    '/etc/cni/net.d/10-pods.conflist': json(cniConfig(own?.podRange ?? '')),
    '/etc/containerd/config.toml': containerdConfig(cluster.registry),
    [`/etc/containerd/certs.d/${cluster.registry}/hosts.toml`]: registryHosts(cluster.registry),
    '/opt/pinion/prepare': prepareScript,
  };
}

/** Writes everything that makes the shared root into this machine, units enabled. */
export async function writeMachineFiles(
  cluster: Cluster,
  authority: Authority,
  machine: MachineName,
): Promise<void> {
  const controlPlane = machine === 'control-plane';
  const address = cluster.addresses.machines.find((m) => m.name === machine)?.address ?? '';
  const { upper, work, merged, binds } = machineLayout(machine);
  for (const folder of [upper, work, merged, ...Object.keys(binds)]) await mkdir(folder, { recursive: true });
  const files: Files = {
    ...(await nodeFiles(cluster, authority, machine)),
    ...(controlPlane ? await controlPlaneFiles(cluster, authority, address) : {}),
  };
  const units = unitsFor(controlPlane, address);
  for (const [name, text] of Object.entries(units)) files[`/etc/systemd/system/${name}`] = text;
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(upper, path)), { recursive: true });
    await writeFile(join(upper, path), text, { mode: path.endsWith('.key') ? 0o600 : 0o644 });
  }
  await chmod(join(upper, '/opt/pinion/prepare'), 0o755);
  for (const name of Object.keys(units)) {
    const target = /WantedBy=(\S+)/.exec(
      await readFile(join(upper, '/etc/systemd/system', name), 'utf8'),
    )?.[1];
    const wants = join(upper, `/etc/systemd/system/${target}.wants`);
    await mkdir(wants, { recursive: true });
    await symlink(`../${name}`, join(wants, name));
  }
}
