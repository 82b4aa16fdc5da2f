import type { JoinOrder } from '#api/contract/join-order.ts';
import { type Files, type Machine, pathsIn } from './machine.ts';

/** A kubeconfig as JSON, which is valid YAML. */
function kubeconfig(order: JoinOrder, user: object): string {
  const authority = Buffer.from(order.authority).toString('base64');
  const tree = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'tenant',
    clusters: [
      { name: 'tenant', cluster: { server: order.server, 'certificate-authority-data': authority } },
    ],
    contexts: [{ name: 'tenant', context: { cluster: 'tenant', user: 'node' } }],
    users: [{ name: 'node', user }],
  };
  return `${JSON.stringify(tree, null, 2)}\n`;
}

/** The bootstrap token serves the kubelet's first request; then all programs use the kubelet's certificate. */
export function kubeconfigFiles(order: JoinOrder, { folders }: Machine): Files {
  const paths = pathsIn(folders);
  const certificate = {
    'client-certificate': paths.clientCertificate,
    'client-key': paths.clientCertificate,
  };
  return {
    [paths.authority]: { text: order.authority, mode: 0o644 },
    [paths.bootstrapKubeconfig]: { text: kubeconfig(order, { token: order.bootstrapToken }), mode: 0o600 },
    [paths.nodeKubeconfig]: { text: kubeconfig(order, certificate), mode: 0o600 },
  };
}
