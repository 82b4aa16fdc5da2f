import { expect, test } from 'vitest';
import type { VirtualClusterSpec } from '../kinds/virtualcluster.ts';
import { clusterWarnings } from './cluster-warnings.ts';

const kubeconfigSecretRef = { name: 'a' };
const cpu = { promoteResources: { resources: { cpu: 1, memory: '1Gi' } } };

test.each<[string, VirtualClusterSpec, string[]]>([
  ['nothing for an existing cluster by Secret', { kubeconfigSecretRef }, []],
  ['that a kubeconfig in the object is readable', { kubeconfig: 'x' }, ['readable by everyone']],
  [
    'that requested nodes have no effect on an existing cluster',
    { kubeconfigSecretRef, ...cpu },
    ['spec.promoteResources has no effect'],
  ],
  ['that a managed cluster without nodes runs nothing', {}, ['no nodes are requested']],
  ['nothing when capacity is requested', cpu, []],
  ['nothing when a node is named', { promoteResources: { nodes: ['a'] } }, []],
  [
    "nothing when a node is named in Kosmos's form",
    { promoteResources: { nodeInfos: [{ nodeName: 'a' }] } },
    [],
  ],
  ['nothing when nodes of a pool are requested', { promotePolicies: [{ nodeCount: 1 }] }, []],
  [
    'that a resource other than cpu and memory is not supported',
    { promoteResources: { resources: { gpu: 1 } } },
    ['resources.gpu is not supported', 'no nodes are requested'],
  ],
  [
    'that a minimum number of worker pods alone requests no nodes',
    { promoteResources: { resources: { 'kosmos.io/workers': 2, cpu: 0 } } },
    ['no nodes are requested'],
  ],
  [
    'that a pool with a nodeCount of 0 requests no nodes',
    { promotePolicies: [{ nodeCount: 0 }] },
    ['no nodes'],
  ],
  [
    'that hostNetwork is not supported',
    { ...cpu, kubeInKubeConfig: { apiServerServiceType: 'hostNetwork' } },
    ['hostNetwork is not supported'],
  ],
  [
    'that the port is not a node port',
    { ...cpu, kubeInKubeConfig: { externalPort: 443 } },
    ['443 is not a node port'],
  ],
  [
    'that a setting of Kosmos has no effect',
    { ...cpu, kubeInKubeConfig: { anpMode: 'uds', apiServerReplicas: 2 } },
    ['spec.kubeInKubeConfig.anpMode is accepted'],
  ],
])('clusterWarnings reports %s', (_what, spec, expected) => {
  expect(clusterWarnings(spec)).toEqual(expected.map((part) => expect.stringContaining(part)));
});
