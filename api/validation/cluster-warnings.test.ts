import { expect, test } from 'vitest';
import type { VirtualClusterSpec } from '../kinds/virtualcluster.ts';
import { clusterWarnings } from './cluster-warnings.ts';

const kubeconfigSecretRef = { name: 'a' };
const cpu = { promoteResources: { resources: { cpu: 1, memory: '1Gi' } } };

test.each<[string, VirtualClusterSpec, string[]]>([
  ['an existing cluster by Secret: nothing to say', { kubeconfigSecretRef }, []],
  ['a kubeconfig in the object is readable', { kubeconfig: 'x' }, ['readable by everyone']],
  [
    'nodes of an existing cluster stay',
    { kubeconfigSecretRef, ...cpu },
    ['spec.promoteResources has no effect'],
  ],
  ['a managed cluster without nodes runs nothing', {}, ['no nodes are asked for']],
  ['capacity is nodes', cpu, []],
  ['a name is a node', { promoteResources: { nodes: ['a'] } }, []],
  ["so is one in Kosmos's form", { promoteResources: { nodeInfos: [{ nodeName: 'a' }] } }, []],
  ['a pool gives nodes', { promotePolicies: [{ nodeCount: 1 }] }, []],
  [
    'capacity of another kind is none',
    { promoteResources: { resources: { gpu: 1 } } },
    ["resources.gpu can't be had", 'no nodes are asked for'],
  ],
  [
    'a number of worker pods without a size is no capacity',
    { promoteResources: { resources: { 'kosmos.io/workers': 2, cpu: 0 } } },
    ['no nodes are asked for'],
  ],
  ['nor is a pool of which nothing is taken', { promotePolicies: [{ nodeCount: 0 }] }, ['no nodes']],
  [
    "ports of the host, which Kosmos's tenants may have",
    { ...cpu, kubeInKubeConfig: { apiServerServiceType: 'hostNetwork' } },
    ['hostNetwork is not supported'],
  ],
  [
    'a port that no node has',
    { ...cpu, kubeInKubeConfig: { externalPort: 443 } },
    ['443 is not a node port'],
  ],
  [
    'a setting of Kosmos without a meaning here',
    { ...cpu, kubeInKubeConfig: { anpMode: 'uds', apiServerReplicas: 2 } },
    ['spec.kubeInKubeConfig.anpMode is accepted'],
  ],
])('%s', (_sentence, spec, expected) => {
  expect(clusterWarnings(spec)).toEqual(expected.map((part) => expect.stringContaining(part)));
});
