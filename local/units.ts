import { dnsAddress, podRange, serviceRange } from './addresses.ts';

/** Folder in a machine with the programs of .local/bin, bound read-only. */
export const binFolder = '/opt/pinion/bin';
const pki = '/etc/kubernetes/pki';

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
  'kube-apiserver.service': unit('Kubernetes API server', 'etcd.service', [
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
      // A stopped machine's pods move on soon: what is tested here is often its loss.
      '--default-not-ready-toleration-seconds=30',
      '--default-unreachable-toleration-seconds=30',
    ),
  ]),
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

/** Settings of the kubelet. */
export function kubeletConfig(controlPlane: boolean): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${pki}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${pki}/kubelet.crt`,
    tlsPrivateKeyFile: `${pki}/kubelet.key`,
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/kubernetes/resolv.conf',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    featureGates: { KubeletInUserNamespace: true },
    localStorageCapacityIsolation: false,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 99,
    imageGCLowThresholdPercent: 98,
    nodeStatusUpdateFrequency: '4s',
    shutdownGracePeriod: '0s',
    maxPods: 110,
    serializeImagePulls: false,
    registryPullQPS: 50,
    registryBurst: 100,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    eventRecordQPS: 100,
    ...(controlPlane
      ? { registerWithTaints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }
      : {}),
  };
}

/** Settings of kube-proxy. It leaves the machine-wide connection table as it is: that one is the host's. */
export const kubeProxyConfig = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'iptables',
  clientConnection: { kubeconfig: '/etc/kubernetes/kube-proxy.kubeconfig' },
  clusterCIDR: podRange,
  iptables: { minSyncPeriod: '0s', syncPeriod: '30s' },
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
};

/** Pod network of one machine: a bridge with its own range; routes to the others are the machine's. */
export const cniConfig = (range: string): object => ({
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: range }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

/** Settings of containerd; images come from the cluster's own registry over plain HTTP. */
export const containerdConfig = (registry: string): string => `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "${registry}/pinion/pause:local"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;

/** How containerd reaches the registry. */
export const registryHosts = (registry: string): string => `server = "http://${registry}"

[host."http://${registry}"]
  capabilities = ["pull", "resolve"]
`;

/** Settings of the registry. */
export const registryConfig = (address: string): string => `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: /var/lib/registry }
  delete: { enabled: true }
http: { addr: "${address}:5000" }
`;
