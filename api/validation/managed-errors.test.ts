import { expect, test } from 'vitest';
import type { VirtualClusterSpec } from '../kinds/virtualcluster.ts';
import { managedErrors } from './managed-errors.ts';

const fields = (spec: VirtualClusterSpec) => managedErrors(spec).map(({ field }) => field);

test.each<[string, VirtualClusterSpec]>([
  ['nothing', {}],
  ['an IPv4 address', { externalIP: '203.0.113.7' }],
  ['an IPv6 address', { externalIps: ['2001:db8::7'] }],
  ['host names', { externalIps: ['api.example.com', 'API.example.com', 'api'] }],
  ['the empty strings that Kosmos writes', { externalIP: '', kubeInKubeConfig: { etcdUnitSize: '' } }],
  ['names of nodes', { promoteResources: { nodes: ['worker-3', 'a.example.com', '10.0.0.7'] } }],
  ['a version with a patch', { version: 'v1.36.3' }],
  ['any version of an existing cluster', { kubeconfigSecretRef: { name: 'a' }, version: '1.30' }],
  [
    'settings of Kosmos that Pinion only warns of',
    { kubeInKubeConfig: { apiServerServiceType: 'hostNetwork', externalPort: 443 } },
  ],
  ['a size', { kubeInKubeConfig: { etcdUnitSize: '5Gi' } }],
])('managedErrors accepts %s', (_what, spec) => {
  expect(fields(spec)).toEqual([]);
});

test.each<[string, VirtualClusterSpec, string]>([
  ['an address with a port', { externalIP: '203.0.113.7:6443' }, 'spec.externalIP'],
  ['a URL', { externalIP: 'https://api.example.com' }, 'spec.externalIP'],
  [
    'an address that is out of range',
    { externalIps: ['203.0.113.7', '203.0.113.700'] },
    'spec.externalIps[1]',
  ],
  ['an address with a zone', { externalIP: 'fe80::1%eth0' }, 'spec.externalIP'],
  ['a wildcard', { externalIP: '*.example.com' }, 'spec.externalIP'],
  ['a host name with non-ASCII letters', { externalIP: 'bücher.example.com' }, 'spec.externalIP'],
  [
    'a virtual address of two words',
    { kubeInKubeConfig: { tenantEntrypoint: { externalVips: ['a b'] } } },
    'spec.kubeInKubeConfig.tenantEntrypoint.externalVips[0]',
  ],
  ['a path as a node', { promoteResources: { nodes: ['w/status'] } }, 'spec.promoteResources.nodes[0]'],
  [
    'dots as a node',
    { promoteResources: { nodeInfos: [{ nodeName: '..' }] } },
    'spec.promoteResources.nodeInfos[0].nodeName',
  ],
  ['a size in words', { kubeInKubeConfig: { etcdUnitSize: 'big' } }, 'spec.kubeInKubeConfig.etcdUnitSize'],
  ['a version that is not available', { version: '1.30' }, 'spec.version'],
  [
    'a clusterCIDR that is not a range',
    { kubeInKubeConfig: { clusterCIDR: 'x' } },
    'spec.kubeInKubeConfig.clusterCIDR',
  ],
  ['a negative size', { kubeInKubeConfig: { etcdUnitSize: '-1Gi' } }, 'spec.kubeInKubeConfig.etcdUnitSize'],
])('managedErrors refuses %s', (_what, spec, field) => {
  expect(fields(spec)).toEqual([field]);
});
