import { expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import { cluster } from '#test/observed.ts';
import { type ControlPlaneFlags, controlPlaneSpecOf, overlapProblem } from './spec.ts';

const flags: ControlPlaneFlags = { serviceType: 'LoadBalancer', certificateLifetimeMs: 3_600_000 };
const specOf = (spec: VirtualClusterSpec, lifetime?: string, over: Partial<ControlPlaneFlags> = {}) => {
  const virtualCluster = cluster({ spec });
  if (lifetime) virtualCluster.metadata.annotations = { [ANNOTATION.certificateLifetime]: lifetime };
  return controlPlaneSpecOf(virtualCluster, { ...flags, ...over });
};
const settings = (kubeInKubeConfig: VirtualClusterSpec['kubeInKubeConfig']) => ({ kubeInKubeConfig });

test('controlPlaneSpecOf gives an empty spec one replica of everything and the values of the flags', () => {
  expect(specOf({}, undefined, { storageClass: 'fast' })).toEqual({
    apiServers: 1,
    controllers: 1,
    serviceType: 'LoadBalancer',
    storage: { size: '1Gi', className: 'fast' },
    podRange: '10.200.0.0/16',
    serviceRange: '10.112.0.0/16',
    dnsAddress: '10.112.0.10',
    external: [],
    lifetimeMs: 3_600_000,
  });
});

test.each<[string, VirtualClusterSpec, object]>([
  ['replicas', settings({ apiServerReplicas: 5 }), { apiServers: 5, controllers: 2 }],
  [
    "Kosmos's zeros and empty texts",
    settings({ apiServerReplicas: 0, externalPort: 0, etcdUnitSize: '', clusterCIDR: '' }),
    { apiServers: 1, storage: { size: '1Gi' }, podRange: '10.200.0.0/16' },
  ],
  [
    'storage',
    settings({ etcdStorageClass: 'slow', etcdUnitSize: '5Gi' }),
    { storage: { size: '5Gi', className: 'slow' } },
  ],
  [
    'the type of the Service, and its port',
    settings({ apiServerServiceType: 'nodePort', externalPort: 31443 }),
    { serviceType: 'NodePort', nodePort: 31443 },
  ],
  [
    'external addresses, each once',
    { externalIP: '192.0.2.1', externalIps: ['192.0.2.1', 'api.example.com'] },
    { external: ['192.0.2.1', 'api.example.com'] },
  ],
  ['the supported Kubernetes version', { version: 'v1.36.3' }, {}],
  ['a pod range', settings({ clusterCIDR: '10.50.0.0/16' }), { podRange: '10.50.0.0/16' }],
])('controlPlaneSpecOf takes over %s', (_what, spec, expected) => {
  expect(specOf(spec)).toMatchObject({ ...expected, serviceRange: '10.112.0.0/16' });
});

test.each<[string, VirtualClusterSpec, string]>([
  ['another version', { version: 'v1.34.0' }, 'VersionNotSupported'],
  ['a version that only begins like the supported one', { version: '1.360' }, 'VersionNotSupported'],
  ['hostNetwork', settings({ apiServerServiceType: 'hostNetwork' }), 'HostNetworkNotSupported'],
  ['a port outside the range of node ports', settings({ externalPort: 6443 }), 'InvalidExternalPort'],
  ['a text that is not a range', settings({ clusterCIDR: 'pods' }), 'InvalidClusterCIDR'],
  ['a range for one node', settings({ clusterCIDR: '10.50.0.0/24' }), 'InvalidClusterCIDR'],
  ['the loopback range', settings({ clusterCIDR: '127.0.0.0/8' }), 'InvalidClusterCIDR'],
  ['the range of metadata services', settings({ clusterCIDR: '169.254.0.0/16' }), 'InvalidClusterCIDR'],
  ["a range over the Services' range", settings({ clusterCIDR: '10.0.0.0/8' }), 'InvalidClusterCIDR'],
])('controlPlaneSpecOf refuses %s', (_what, spec, reason) => {
  expect(specOf(spec)).toMatchObject({ reason });
});

test.each([
  ['applies a shorter lifetime', '10m', { lifetimeMs: 600_000 }],
  ['limits a lifetime to that of the flag', '48h', { lifetimeMs: 3_600_000 }],
  ['refuses a lifetime that is too short', '30s', { reason: 'InvalidCertificateLifetime' }],
  ['refuses a lifetime that is not a duration', 'a while', { reason: 'InvalidCertificateLifetime' }],
])('controlPlaneSpecOf %s', (_sentence, lifetime, expected) => {
  expect(specOf({}, lifetime)).toMatchObject(expected);
});

test.each([
  ['names a host address in the pod range', ['192.0.2.1', '10.200.3.4'], '10.200.3.4'],
  [
    'ignores host addresses outside the pod range',
    ['192.0.2.1', '2001:db8::1', 'node.example.com'],
    undefined,
  ],
])('overlapProblem %s', (_sentence, addresses, named) => {
  const message = overlapProblem('10.200.0.0/16', addresses)?.message;
  if (named === undefined) expect(message).toBeUndefined();
  else expect(message).toContain(named);
});
