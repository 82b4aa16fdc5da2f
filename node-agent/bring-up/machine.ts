/** Folders of a node's files, all below one root, apart from those of the machine's own kubelet and containerd. */
export type Folders = {
  /** Settings and kubeconfigs. */
  config: string;
  /** The kubelet's root, with volumes and certificates. Survives a restart of the node. */
  kubelet: string;
  /** Images and containers. Survives a restart of the node; must not be on an overlay. */
  containerd: string;
  /** Sockets, and files that a restart may lose. */
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

/** What bring-up must know about the machine besides the join order. */
export type Machine = {
  folders: Folders;
  /** Folder of kubelet, kube-proxy and flanneld. containerd and runc are the machine's own, found by PATH. */
  programs: string;
  /** Folder of the CNI plugins bridge, host-local, portmap and loopback. */
  cniPrograms: string;
  /** The node's address: nodes of the tenant reach each other there. */
  nodeIp: string;
  /** Control group of the pods, from the root that the node sees. Each kubelet needs its own. */
  cgroupRoot: string;
  /** Everything the machine has, whatever part of it the node offers. */
  total: { cpuMillis: number; memoryBytes: number };
};

/** Files by absolute path. */
export type Files = Record<string, { text: string; mode: number }>;

/** Files that bring-up writes, and files that the node's programs write. */
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
  /** The pods' addresses. */
  leases: `${run}/addresses`,
});
