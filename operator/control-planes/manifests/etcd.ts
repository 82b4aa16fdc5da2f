import { etcdQuotaBytes } from '#api/validation/etcd-size.ts';
import type { ControlPlaneSpec } from '../spec.ts';
import {
  type Desired,
  metadata,
  networkPolicies,
  type RenderInput,
  selector,
  services,
  statefulSets,
  workloadMetadata,
} from './manifest.ts';
import { container, probe, secretVolume, TLS, template } from './pod.ts';

const DATA = '/var/lib/etcd';
const PORT = 2379;
const HEALTH_PORT = 2381;

/** The datastore: one etcd member with its own claim. Only the tenant's API servers reach it. */
export function etcd(input: RenderInput): Desired[] {
  const { names, spec } = input;
  const program = 'etcd';
  return [
    {
      resource: statefulSets,
      manifest: {
        metadata: workloadMetadata(input, names.etcd, program),
        spec: {
          serviceName: names.etcd,
          replicas: 1,
          selector: { matchLabels: selector(input, program) },
          template: template(input, program, {
            // The hash covers the CAs only: etcd reloads its own certificate without a restart.
            hash: input.hashes.etcd,
            containers: [server(input)],
            volumes: [secretVolume('tls', names.etcdTls)],
            graceSeconds: 10,
          }),
          volumeClaimTemplates: [
            {
              apiVersion: 'v1',
              kind: 'PersistentVolumeClaim',
              metadata: { name: 'data', labels: input.labels },
              spec: {
                accessModes: ['ReadWriteOnce'],
                volumeMode: 'Filesystem',
                ...(spec.storage.className && { storageClassName: spec.storage.className }),
                resources: { requests: { storage: spec.storage.size } },
              },
            },
          ],
        },
      },
    },
    {
      resource: networkPolicies,
      manifest: {
        metadata: metadata(input, names.etcd, program),
        spec: {
          podSelector: { matchLabels: selector(input, program) },
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [{ podSelector: { matchLabels: selector(input, 'kube-apiserver') } }],
              ports: [{ protocol: 'TCP', port: PORT }],
            },
          ],
        },
      },
    },
  ];
}

/** How large etcd's database may grow on its volume. */
export const quotaOf = ({ storage }: Pick<ControlPlaneSpec, 'storage'>): number =>
  etcdQuotaBytes(storage.volume ?? storage.size);

function server({ names, namespace, images, spec }: RenderInput) {
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
      // A single member has no peers.
      '--listen-peer-urls=https://127.0.0.1:2380',
      '--initial-advertise-peer-urls=https://127.0.0.1:2380',
      '--initial-cluster=etcd=https://127.0.0.1:2380',
      `--listen-metrics-urls=http://0.0.0.0:${HEALTH_PORT}`,
      '--client-cert-auth=true',
      '--peer-client-cert-auth=true',
      ...tls,
      ...keys,
      ...cas,
      `--quota-backend-bytes=${quotaOf(spec)}`,
      // Between two snapshots no part of the log can be deleted: it must not fill the volume before the quota is reached.
      '--snapshot-count=256',
      '--max-snapshots=2',
      '--max-wals=2',
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

/** The URL by which the API servers reach the datastore. */
export const etcdUrl = ({ names, namespace }: RenderInput): string =>
  `https://${names.etcd}.${namespace}.svc:${PORT}`;

/** Routes to the pod as soon as it has an address: the API servers retry before the probes pass. */
export const etcdService = (input: RenderInput): Desired => ({
  resource: services,
  manifest: {
    metadata: metadata(input, input.names.etcd, 'etcd'),
    spec: {
      type: 'ClusterIP',
      publishNotReadyAddresses: true,
      selector: selector(input, 'etcd'),
      ports: [{ name: 'client', protocol: 'TCP', port: PORT, targetPort: PORT }],
    },
  },
});
