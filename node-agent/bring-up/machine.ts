/** Where a node's files are. All are below one root, so that a machine's own kubelet and containerd keep theirs. */
export type Folders = {
  /** Settings and kubeconfigs. */
  config: string;
  /** The kubelet's root: its pods' volumes and its certificates. Survives a restart of the node. */
  kubelet: string;
  /** Images and containers. Survives a restart of the node; must not stand on an overlay. */
  containerd: string;
  /** Sockets and what a restart may forget. */
  run: string;
};

/** @example foldersIn('/') for a worker pod, foldersIn('/var/lib/pinion/node') on a promoted machine */
export function foldersIn(root: string): Folders {
  const base = root.replace(/\/+$/, '');
  return {
    config: `${base}/etc/pinion-node`,
    kubelet: `${base}/var/lib/kubelet`,
    containerd: `${base}/var/lib/containerd`,
    run: `${base}/run/pinion-node`,
  };
}

/** What bring-up must know of the machine besides the join order. */
export type Machine = {
  folders: Folders;
  /** Folder of kubelet, kube-proxy and flanneld. containerd and runc are the machine's own, found by PATH. */
  programs: string;
  /** Folder of the CNI plugins bridge, host-local, portmap and loopback. */
  cniPrograms: string;
  /** The node's address: where kubelets of the tenant reach each other. */
  nodeIp: string;
  /** Control group that holds the pods, as a path from the root that the node sees. Each kubelet needs its own. */
  cgroupRoot: string;
  /** All that the machine has, whatever the node is to offer of it. */
  total: { cpuMillis: number; memoryBytes: number };
};

/** Files by absolute path. */
export type Files = Record<string, { text: string; mode: number }>;

/** What bring-up writes, and what the node makes of it. */
export const pathsIn = ({ config, kubelet, run }: Folders) => ({
  containerdConfig: `${config}/containerd.toml`,
  registries: `${config}/registries`,
  cniConfig: `${config}/cni`,
  kubeletConfig: `${config}/kubelet.json`,
  bootstrapKubeconfig: `${config}/bootstrap.kubeconfig`,
  authority: `${config}/ca.crt`,
  nodeKubeconfig: `${config}/node.kubeconfig`,
  kubeProxyConfig: `${config}/kube-proxy.json`,
  networkConfig: `${config}/flannel.json`,
  resolvConf: `${config}/resolv.conf`,
  /** Written by the kubelet once it has joined. */
  kubeletKubeconfig: `${kubelet}/kubeconfig`,
  certificates: `${kubelet}/pki`,
  clientCertificate: `${kubelet}/pki/kubelet-client-current.pem`,
  containerdSocket: `${run}/containerd.sock`,
  containerdState: `${run}/containerd`,
  /** Written by flanneld once the node has a range of pod addresses. */
  subnet: `${run}/flannel/subnet.env`,
  /** Which pod has which address. */
  leases: `${run}/addresses`,
});
