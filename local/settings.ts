import { dnsAddress, podRange } from './addresses.ts';
import { type MachineName, spareMachine } from './names.ts';
import { pkiFolder as pki } from './units.ts';

/** Taints that a machine registers with, also when it comes back from another cluster. */
function taintsOf(machine: MachineName): { key: string; effect: string }[] {
  if (machine === 'control-plane')
    return [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }];
  return machine === spareMachine ? [{ key: 'kosmos.io/spare', effect: 'PreferNoSchedule' }] : [];
}

/** Settings of the kubelet. */
export function kubeletConfig(machine: MachineName) {
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
    registerWithTaints: taintsOf(machine),
  };
}

/**
 * Audit policy of the API server: who sent which request, without bodies. Requests are logged once they are answered;
 * a watch also when it begins.
 */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*'] }, { level: 'Metadata' }],
};

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
