import { FRONT_PROXY_CLIENT } from '../certificates.ts';
import { CLUSTER_DOMAIN } from '../spec.ts';
import { etcdUrl } from './etcd.ts';
import { KONNECTIVITY_PORT, konnectivityServer, SOCKET_FOLDER } from './konnectivity.ts';
import {
  budgets,
  type Desired,
  deployments,
  metadata,
  networkPolicies,
  type RenderInput,
  selector,
  services,
  workloadMetadata,
} from './manifest.ts';
import { container, probe, secretVolume, TLS, template } from './pod.ts';

export const API_PORT = 6443;
const CONFIG = '/etc/pinion/config';
/** After the stop signal the API server goes on serving until kube-proxy and load balancers have noticed. */
const DRAIN_SECONDS = 5;

/** The API servers, each with a konnectivity server beside it. */
export function apiServer(input: RenderInput): Desired[] {
  const { names, spec } = input;
  const program = 'kube-apiserver';
  const desired: Desired[] = [
    {
      resource: deployments,
      manifest: {
        metadata: workloadMetadata(input, names.apiServer, program),
        spec: {
          replicas: spec.apiServers,
          // A new API server answers before an old one stops.
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          revisionHistoryLimit: 2,
          selector: { matchLabels: selector(input, program) },
          template: template(input, program, {
            hash: input.hashes.apiServer,
            containers: [server(input), konnectivityServer(input)],
            volumes: [
              secretVolume('tls', names.apiServerTls),
              secretVolume('konnectivity-tls', names.konnectivityTls),
              { name: 'config', configMap: { name: names.apiServer } },
              { name: 'sockets', emptyDir: {} },
            ],
            graceSeconds: 40,
          }),
        },
      },
    },
  ];
  desired.push(ingress(input));
  if (spec.apiServers > 1) desired.push(budget(input, names.apiServer, program));
  return desired;
}

/** Lets nodes and users in where a policy of the namespace denies what nothing allows; both ports demand credentials. */
const ingress = (input: RenderInput): Desired => ({
  resource: networkPolicies,
  manifest: {
    metadata: metadata(input, input.names.apiServer, 'kube-apiserver'),
    spec: {
      podSelector: { matchLabels: selector(input, 'kube-apiserver') },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [API_PORT, KONNECTIVITY_PORT].map((port) => ({ protocol: 'TCP', port })) }],
    },
  },
});

/** A disruption budget: at most one of several replicas is evicted at a time. */
export const budget = (
  input: RenderInput,
  name: string,
  program: Parameters<typeof selector>[1],
): Desired => ({
  resource: budgets,
  manifest: {
    metadata: metadata(input, name, program),
    spec: { maxUnavailable: 1, selector: { matchLabels: selector(input, program) } },
  },
});

/** The Service by which the tenant's nodes, its users and Pinion reach the API server. */
export const apiServerService = (input: RenderInput): Desired => ({
  resource: services,
  manifest: {
    metadata: metadata(input, input.names.apiServer, 'kube-apiserver'),
    spec: {
      type: input.spec.serviceType,
      selector: selector(input, 'kube-apiserver'),
      ports: [
        {
          name: 'https',
          protocol: 'TCP',
          port: 443,
          targetPort: API_PORT,
          ...(input.spec.nodePort &&
            input.spec.serviceType !== 'ClusterIP' && { nodePort: input.spec.nodePort }),
        },
        { name: 'konnectivity', protocol: 'TCP', port: KONNECTIVITY_PORT, targetPort: KONNECTIVITY_PORT },
      ],
    },
  },
});

function server(input: RenderInput) {
  const { spec, images } = input;
  const file = (flag: string, name: string) => `--${flag}=${TLS}/${name}`;
  return container(images, {
    program: 'kube-apiserver',
    command: ['kube-apiserver'],
    args: [
      `--secure-port=${API_PORT}`,
      file('tls-cert-file', 'server.crt'),
      file('tls-private-key-file', 'server.key'),
      file('client-ca-file', 'ca.crt'),
      `--etcd-servers=${etcdUrl(input)}`,
      file('etcd-cafile', 'etcd-ca.crt'),
      file('etcd-certfile', 'etcd-client.crt'),
      file('etcd-keyfile', 'etcd-client.key'),
      file('kubelet-client-certificate', 'kubelet-client.crt'),
      file('kubelet-client-key', 'kubelet-client.key'),
      '--kubelet-preferred-address-types=InternalIP',
      file('requestheader-client-ca-file', 'front-proxy-ca.crt'),
      `--requestheader-allowed-names=${FRONT_PROXY_CLIENT}`,
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      file('proxy-client-cert-file', 'front-proxy-client.crt'),
      file('proxy-client-key-file', 'front-proxy-client.key'),
      file('service-account-key-file', 'sa.pub'),
      file('service-account-signing-key-file', 'sa.key'),
      `--service-account-issuer=https://kubernetes.default.svc.${CLUSTER_DOMAIN}`,
      `--service-cluster-ip-range=${spec.serviceRange}`,
      '--authorization-mode=Node,RBAC',
      '--enable-bootstrap-token-auth=true',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      // Nodes use an address that the API server doesn't know, so the operator writes the Endpoints.
      '--endpoint-reconciler-type=none',
      `--egress-selector-config-file=${CONFIG}/egress.yaml`,
      `--shutdown-delay-duration=${DRAIN_SECONDS}s`,
      '--shutdown-send-retry-after=true',
      '--profiling=false',
    ],
    requests: { cpu: '50m', memory: '256Mi' },
    ports: [{ name: 'https', containerPort: API_PORT }],
    mounts: [
      { name: 'tls', mountPath: TLS, readOnly: true },
      { name: 'config', mountPath: CONFIG, readOnly: true },
      { name: 'sockets', mountPath: SOCKET_FOLDER },
    ],
    probes: {
      startup: probe('HTTPS', API_PORT, '/livez', { patience: 180 }),
      readiness: probe('HTTPS', API_PORT, '/readyz', { patience: 2 }),
      liveness: probe('HTTPS', API_PORT, '/livez', { periodSeconds: 10, patience: 8 }),
    },
  });
}
