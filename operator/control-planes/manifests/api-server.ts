import { FRONT_PROXY_CLIENT } from '../certificates.ts';
import { CLUSTER_DOMAIN } from '../spec.ts';
import { etcdUrl } from './etcd.ts';
import { KONNECTIVITY_PORT, konnectivityServer, SOCKET_FOLDER } from './konnectivity.ts';
import { type Blueprint, budgets, deployments, type Made, metadata, selector, services } from './manifest.ts';
import { container, probe, secretVolume, TLS, template } from './pod.ts';

export const API_PORT = 6443;
const CONFIG = '/etc/pinion/config';
/** After the stop signal: time in which kube-proxy and load balancers hear of it, while it still answers. */
const DRAIN_SECONDS = 5;

/** The API servers with their ways into the tenant's network. */
export function apiServer(blueprint: Blueprint): Made[] {
  const { names, design } = blueprint;
  const program = 'kube-apiserver';
  const made: Made[] = [
    {
      of: deployments,
      manifest: {
        metadata: metadata(blueprint, names.apiServer, program),
        spec: {
          replicas: design.apiServers,
          // A new one answers before an old one goes.
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          revisionHistoryLimit: 2,
          selector: { matchLabels: selector(blueprint, program) },
          template: template(blueprint, program, {
            hash: blueprint.hashes.apiServer,
            containers: [server(blueprint), konnectivityServer(blueprint)],
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
  if (design.apiServers > 1) made.push(budget(blueprint, names.apiServer, program));
  return made;
}

/** At most one of several is taken away at a time. */
export const budget = (
  blueprint: Blueprint,
  name: string,
  program: Parameters<typeof selector>[1],
): Made => ({
  of: budgets,
  manifest: {
    metadata: metadata(blueprint, name, program),
    spec: { maxUnavailable: 1, selector: { matchLabels: selector(blueprint, program) } },
  },
});

/** Where the tenant's API is reached: by its nodes, by its users, and by Pinion. */
export const apiServerService = (blueprint: Blueprint): Made => ({
  of: services,
  manifest: {
    metadata: metadata(blueprint, blueprint.names.apiServer, 'kube-apiserver'),
    spec: {
      type: blueprint.design.serviceType,
      selector: selector(blueprint, 'kube-apiserver'),
      ports: [
        {
          name: 'https',
          protocol: 'TCP',
          port: 443,
          targetPort: API_PORT,
          ...(blueprint.design.nodePort &&
            blueprint.design.serviceType !== 'ClusterIP' && { nodePort: blueprint.design.nodePort }),
        },
        { name: 'konnectivity', protocol: 'TCP', port: KONNECTIVITY_PORT, targetPort: KONNECTIVITY_PORT },
      ],
    },
  },
});

function server(blueprint: Blueprint): object {
  const { design, images } = blueprint;
  const file = (flag: string, name: string) => `--${flag}=${TLS}/${name}`;
  return container(images, {
    program: 'kube-apiserver',
    command: ['kube-apiserver'],
    args: [
      `--secure-port=${API_PORT}`,
      file('tls-cert-file', 'server.crt'),
      file('tls-private-key-file', 'server.key'),
      file('client-ca-file', 'ca.crt'),
      `--etcd-servers=${etcdUrl(blueprint)}`,
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
      `--service-cluster-ip-range=${design.serviceRange}`,
      '--authorization-mode=Node,RBAC',
      '--enable-bootstrap-token-auth=true',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      // Nodes reach it at an address that it doesn't know itself: the operator writes the Endpoints.
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
