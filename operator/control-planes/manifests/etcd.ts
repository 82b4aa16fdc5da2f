import {
  type Blueprint,
  type Made,
  metadata,
  networkPolicies,
  selector,
  services,
  statefulSets,
} from './manifest.ts';
import { container, probe, secretVolume, TLS, template } from './pod.ts';

const DATA = '/var/lib/etcd';
const PORT = 2379;
const HEALTH_PORT = 2381;

/** The datastore: one member on a claim of its own, reached by the tenant's API servers only. */
export function etcd(blueprint: Blueprint): Made[] {
  const { names, design } = blueprint;
  const program = 'etcd';
  return [
    {
      of: statefulSets,
      manifest: {
        metadata: metadata(blueprint, names.etcd, program),
        spec: {
          serviceName: names.etcd,
          replicas: 1,
          selector: { matchLabels: selector(blueprint, program) },
          template: template(blueprint, program, {
            // Of the CAs only: etcd reads its own certificate anew by itself.
            hash: blueprint.hashes.etcd,
            containers: [server(blueprint)],
            volumes: [secretVolume('tls', names.etcdTls)],
            graceSeconds: 10,
          }),
          volumeClaimTemplates: [
            {
              apiVersion: 'v1',
              kind: 'PersistentVolumeClaim',
              metadata: { name: 'data', labels: blueprint.labels },
              spec: {
                accessModes: ['ReadWriteOnce'],
                volumeMode: 'Filesystem',
                ...(design.storage.className && { storageClassName: design.storage.className }),
                resources: { requests: { storage: design.storage.size } },
              },
            },
          ],
        },
      },
    },
    {
      of: networkPolicies,
      manifest: {
        metadata: metadata(blueprint, names.etcd, program),
        spec: {
          podSelector: { matchLabels: selector(blueprint, program) },
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [{ podSelector: { matchLabels: selector(blueprint, 'kube-apiserver') } }],
              ports: [{ protocol: 'TCP', port: PORT }],
            },
          ],
        },
      },
    },
  ];
}

function server({ names, namespace, images }: Blueprint): object {
  const tls = ['--cert-file', '--peer-cert-file'].map((flag) => `${flag}=${TLS}/server.crt`);
  const keys = ['--key-file', '--peer-key-file'].map((flag) => `${flag}=${TLS}/server.key`);
  const cas = ['--trusted-ca-file', '--peer-trusted-ca-file'].map((flag) => `${flag}=${TLS}/etcd-ca.crt`);
  return container(images, {
    program: 'etcd',
    command: ['etcd'],
    args: [
      '--name=etcd',
      `--data-dir=${DATA}/data`,
      `--listen-client-urls=https://0.0.0.0:${PORT}`,
      `--advertise-client-urls=https://${names.etcd}.${namespace}.svc:${PORT}`,
      // One member has no peers.
      '--listen-peer-urls=https://127.0.0.1:2380',
      '--initial-advertise-peer-urls=https://127.0.0.1:2380',
      '--initial-cluster=etcd=https://127.0.0.1:2380',
      `--listen-metrics-urls=http://0.0.0.0:${HEALTH_PORT}`,
      '--client-cert-auth=true',
      '--peer-client-cert-auth=true',
      ...tls,
      ...keys,
      ...cas,
      '--snapshot-count=10000',
      '--auto-compaction-retention=8',
    ],
    requests: { cpu: '20m', memory: '64Mi' },
    ports: [{ name: 'client', containerPort: PORT }],
    mounts: [
      { name: 'data', mountPath: DATA },
      { name: 'tls', mountPath: TLS, readOnly: true },
    ],
    probes: {
      startup: probe('HTTP', HEALTH_PORT, '/readyz', { patience: 300 }),
      readiness: probe('HTTP', HEALTH_PORT, '/readyz', { periodSeconds: 2 }),
      liveness: probe('HTTP', HEALTH_PORT, '/livez', { periodSeconds: 10, patience: 8 }),
    },
  });
}

/** What the API servers call the datastore. */
export const etcdUrl = ({ names, namespace }: Blueprint): string =>
  `https://${names.etcd}.${namespace}.svc:${PORT}`;

/** Connections go to the pod as soon as it has an address: the API servers retry sooner than probes pass. */
export const etcdService = (blueprint: Blueprint): Made => ({
  of: services,
  manifest: {
    metadata: metadata(blueprint, blueprint.names.etcd, 'etcd'),
    spec: {
      type: 'ClusterIP',
      publishNotReadyAddresses: true,
      selector: selector(blueprint, 'etcd'),
      ports: [{ name: 'client', protocol: 'TCP', port: PORT, targetPort: PORT }],
    },
  },
});
