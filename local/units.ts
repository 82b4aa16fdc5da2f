import { podRange, serviceRange } from './addresses.ts';

/** Folder in a machine with the programs of .local/bin, bound read-only. */
export const binFolder = '/opt/pinion/bin';
export const pkiFolder = '/etc/kubernetes/pki';
const pki = pkiFolder;

const unit = (description: string, after: string, service: string[]): string =>
  `[Unit]
Description=${description}
After=${after}
Wants=${after}
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
${service.join('\n')}

[Install]
WantedBy=multi-user.target
`;

const start = (...argv: string[]) => `ExecStart=${argv.join(' ')}`;
const afterApiServer = (kubeconfig: string) =>
  `ExecStartPre=/bin/sh -c 'until ${binFolder}/kubectl --kubeconfig ${kubeconfig} get --raw /readyz >/dev/null 2>&1; do sleep 0.3; done'`;

/** Makes /sys and the control groups writable and gives the kubelet a kernel log to read. */
export const prepareScript = `#!/bin/sh
set -e
for point in /sys /sys/fs/cgroup /sys/fs/cgroup/*; do
  if mountpoint -q "$point"; then mount -o remount,bind,rw "$point"; fi
done
# Of the kernel's settings only the machine's own network; the others are the host's.
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
# The kubelet sets these for the whole kernel. It is shown what it wants, and the host keeps its own.
setting() {
  mkdir -p /run/settings
  echo "$2" > "/run/settings/\${1##*/}"
  mount --bind "/run/settings/\${1##*/}" "/proc/sys/$1"
}
setting vm/overcommit_memory 1
setting kernel/panic 10
setting kernel/panic_on_oops 1
ln -sf /dev/null /dev/kmsg
mount --make-rshared /
`;

const nodeUnits = {
  'prepare.service': `[Unit]
Description=What containers need of a machine that is itself one
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/opt/pinion/prepare

[Install]
WantedBy=sysinit.target
`,
  'kubelet.service': unit('Kubernetes node agent', 'containerd.service', [
    'Delegate=yes',
    'KillMode=process',
    start(
      `${binFolder}/kubelet`,
      '--config=/etc/kubernetes/kubelet.json',
      '--kubeconfig=/etc/kubernetes/kubelet.kubeconfig',
      '--hostname-override=%H',
      '--node-ip=${NODE_IP}',
    ),
    'EnvironmentFile=/etc/kubernetes/node.env',
  ]),
  'kube-proxy.service': unit('Kubernetes service network', 'network.target', [
    start(`${binFolder}/kube-proxy`, '--config=/etc/kubernetes/kube-proxy.json', '--hostname-override=%H'),
  ]),
};

const apiServerUnit = (address: string) =>
  unit('Kubernetes API server', 'etcd.service', [
    start(
      `${binFolder}/kube-apiserver`,
      '--etcd-servers=http://127.0.0.1:2379',
      `--advertise-address=${address}`,
      '--secure-port=6443',
      `--service-cluster-ip-range=${serviceRange}`,
      `--client-ca-file=${pki}/ca.crt`,
      `--tls-cert-file=${pki}/apiserver.crt`,
      `--tls-private-key-file=${pki}/apiserver.key`,
      `--kubelet-client-certificate=${pki}/apiserver-kubelet.crt`,
      `--kubelet-client-key=${pki}/apiserver-kubelet.key`,
      `--kubelet-certificate-authority=${pki}/ca.crt`,
      '--kubelet-preferred-address-types=InternalIP',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${pki}/service-account.pub`,
      `--service-account-signing-key-file=${pki}/service-account.key`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      '--audit-policy-file=/etc/kubernetes/audit-policy.json',
      '--audit-log-path=/var/log/kubernetes/audit.log',
      '--audit-log-maxsize=100', // MB, and one older file of that size
      '--audit-log-maxbackup=1',
      // A stopped machine's pods move on soon: what is tested here is often its loss.
      '--default-not-ready-toleration-seconds=30',
      '--default-unreachable-toleration-seconds=30',
    ),
  ]);

const controlPlaneUnits = (address: string) => ({
  'docker-registry.service': unit('Image registry', 'network.target', [
    start('/usr/bin/docker-registry', 'serve', '/etc/docker/registry/config.yml'),
  ]),
  'etcd.service': unit('etcd', 'network.target', [
    start(
      `${binFolder}/etcd`,
      '--data-dir=/var/lib/etcd',
      '--unsafe-no-fsync',
      '--listen-client-urls=http://127.0.0.1:2379',
      '--advertise-client-urls=http://127.0.0.1:2379',
      '--listen-peer-urls=http://127.0.0.1:2380',
      '--log-level=warn',
    ),
  ]),
  'kube-apiserver.service': apiServerUnit(address),
  'kube-controller-manager.service': unit('Kubernetes controllers', 'kube-apiserver.service', [
    afterApiServer('/etc/kubernetes/controller-manager.kubeconfig'),
    start(
      `${binFolder}/kube-controller-manager`,
      '--kubeconfig=/etc/kubernetes/controller-manager.kubeconfig',
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${pki}/service-account.key`,
      `--root-ca-file=${pki}/ca.crt`,
      `--cluster-signing-cert-file=${pki}/ca.crt`,
      `--cluster-signing-key-file=${pki}/ca.key`,
      '--controllers=*,bootstrapsigner,tokencleaner,-cloud-node-lifecycle-controller',
      `--cluster-cidr=${podRange}`,
      '--allocate-node-cidrs=false',
      '--node-monitor-period=2s',
      '--node-monitor-grace-period=20s',
      '--leader-elect=false',
    ),
  ]),
  'kube-scheduler.service': unit('Kubernetes scheduler', 'kube-apiserver.service', [
    afterApiServer('/etc/kubernetes/scheduler.kubeconfig'),
    start(
      `${binFolder}/kube-scheduler`,
      '--kubeconfig=/etc/kubernetes/scheduler.kubeconfig',
      '--leader-elect=false',
    ),
  ]),
});

/** systemd units of a machine by file name; `address` is its own. */
export function unitsFor(controlPlane: boolean, address: string): Record<string, string> {
  return controlPlane ? { ...nodeUnits, ...controlPlaneUnits(address) } : nodeUnits;
}
