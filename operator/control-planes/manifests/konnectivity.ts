import { configMaps } from '#kube/resources.ts';
import { type Blueprint, type Made, metadata } from './manifest.ts';
import { container, probe, TLS } from './pod.ts';

export const KONNECTIVITY_PORT = 8132;
const HEALTH_PORT = 8134;
export const SOCKET_FOLDER = '/run/konnectivity';
const SOCKET = `${SOCKET_FOLDER}/server.sock`;

/** The tunnel to nodes and pods of the tenant: its agents dial in, the API server beside it sends through a socket. */
export const konnectivityServer = ({ images, design }: Blueprint): object =>
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
      `--server-count=${design.apiServers}`,
      // Agents prove themselves by tokens of this account, which the API server beside it judges.
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
 * Settings of the API server that it has to read from a file. Whatever the tenant's owner has it call goes through the
 * tunnel: webhooks by Service (`cluster`), and by URL (`controlplane`), which would else reach into the host's network.
 */
export const apiServerConfig = (blueprint: Blueprint): Made => ({
  of: configMaps,
  manifest: {
    metadata: metadata(blueprint, blueprint.names.apiServer, 'kube-apiserver'),
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
