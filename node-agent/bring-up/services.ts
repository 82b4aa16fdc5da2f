import type { JoinOrder } from '#api/contract/join-order.ts';
import { type Machine, pathsIn } from './machine.ts';

/** A program that runs as long as the node: a child of the agent in a worker pod, a systemd unit on a machine. */
export type Service = {
  name: 'containerd' | 'kubelet' | 'flanneld' | 'kube-proxy';
  argv: [program: string, ...args: string[]];
  env: Record<string, string>;
  /** A file or socket that must exist before the program starts. */
  needs?: string;
};

/** Small nodes are short of memory, so Go's garbage collector runs twice as often as by default. */
const FRUGAL = { GOGC: '50' };

/** The node's programs, in the order in which they start. */
export function services(order: JoinOrder, machine: Machine): Service[] {
  const paths = pathsIn(machine.folders);
  const program = (name: string) => `${machine.programs}/${name}`;
  const labels = Object.entries(order.labels).map(([name, value]) => `${name}=${value}`);
  return [
    {
      name: 'containerd',
      argv: ['containerd', `--config=${paths.containerdConfig}`, '--log-level=warn'],
      env: FRUGAL,
    },
    {
      name: 'kubelet',
      argv: [
        program('kubelet'),
        `--config=${paths.kubeletConfig}`,
        `--root-dir=${machine.folders.kubelet}`,
        `--cert-dir=${paths.certificates}`,
        `--kubeconfig=${paths.kubeletKubeconfig}`,
        `--bootstrap-kubeconfig=${paths.bootstrapKubeconfig}`,
        `--hostname-override=${order.nodeName}`,
        `--node-ip=${machine.nodeIp}`,
        ...(labels.length > 0 ? [`--node-labels=${labels.join(',')}`] : []),
      ],
      env: FRUGAL,
      needs: paths.containerdSocket,
    },
    {
      name: 'flanneld',
      argv: [
        program('flanneld'),
        `--kubeconfig-file=${paths.nodeKubeconfig}`,
        `--net-config-path=${paths.networkConfig}`,
        `--subnet-file=${paths.subnet}`,
        `--public-ip=${machine.nodeIp}`,
        '--ip-masq',
      ],
      env: { ...FRUGAL, NODE_NAME: order.nodeName },
      needs: paths.clientCertificate,
    },
    {
      name: 'kube-proxy',
      argv: [program('kube-proxy'), `--config=${paths.kubeProxyConfig}`],
      env: FRUGAL,
      needs: paths.clientCertificate,
    },
  ];
}
