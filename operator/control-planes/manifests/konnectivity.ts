import { configMaps } from '#kube/resources.ts';
import { type Desired, metadata, type RenderInput } from './manifest.ts';
import { container, probe, TLS } from './pod.ts';

export const KONNECTIVITY_PORT = 8132;
const HEALTH_PORT = 8134;
export const SOCKET_FOLDER = '/run/konnectivity';
const SOCKET = `${SOCKET_FOLDER}/server.sock`;

/** The tunnel to the tenant's nodes and pods: agents dial in, the API server in the same pod uses a socket. */
export const konnectivityServer = ({ images, spec }: RenderInput) =>
  container(images, {
    program: 'konnectivity-server',
    command: ['proxy-server'],
    args: [
      '--logtostderr=true',
      `--uds-name=${SOCKET}`,
      '--delete-existing-uds-file=true',
      '--server-port=0',
      '--mode=grpc',
      `--agent-port=${KONNECTIVITY_PORT}`,
      `--health-port=${HEALTH_PORT}`,
      '--admin-port=8133',
      '--admin-bind-address=127.0.0.1',
      `--cluster-cert=${TLS}/server.crt`,
      `--cluster-key=${TLS}/server.key`,
      `--server-count=${spec.apiServers}`,
      // Agents authenticate with tokens of this account, which the API server verifies.
      '--agent-namespace=kube-system',
      '--agent-service-account=konnectivity-agent',
      '--authentication-audience=system:konnectivity-server',
      `--kubeconfig=${TLS}/kubeconfig`,
      '--keepalive-time=1h',
    ],
    requests: { cpu: '5m', memory: '24Mi' },
    ports: [{ name: 'konnectivity', containerPort: KONNECTIVITY_PORT }],
    mounts: [
      { name: 'konnectivity-tls', mountPath: TLS, readOnly: true },
      { name: 'sockets', mountPath: SOCKET_FOLDER },
    ],
    probes: { liveness: probe('HTTP', HEALTH_PORT, '/healthz', { periodSeconds: 10, patience: 8 }) },
  });

/**
 * Settings that the API server reads from a file. All calls that the tenant's owner can cause go through the tunnel:
 * webhooks by Service (`cluster`) and webhooks by URL (`controlplane`), which could otherwise reach the host's network.
 */
export const apiServerConfig = (input: RenderInput): Desired => ({
  resource: configMaps,
  manifest: {
    metadata: metadata(input, input.names.apiServer, 'kube-apiserver'),
    data: {
      'egress.yaml': JSON.stringify({
        apiVersion: 'apiserver.k8s.io/v1beta1',
        kind: 'EgressSelectorConfiguration',
        egressSelections: ['cluster', 'controlplane'].map((name) => ({
          name,
          connection: { proxyProtocol: 'GRPC', transport: { uds: { udsName: SOCKET } } },
        })),
      }),
    },
  },
});
