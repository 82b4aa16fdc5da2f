import { expect, test } from 'vitest';
import { clusterWarnings } from './cluster-warnings.ts';
import type { VirtualClusterSpec } from './virtualcluster.ts';

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
    ['resources.gpu has no effect', 'no nodes are asked for'],
  ],
  [
    'a setting of Kosmos without a meaning here',
    { ...cpu, kubeInKubeConfig: { anpMode: 'uds', apiServerReplicas: 2 } },
    ['spec.kubeInKubeConfig.anpMode is accepted'],
  ],
])('%s', (_sentence, spec, expected) => {
  expect(clusterWarnings(spec)).toEqual(expected.map((part) => expect.stringContaining(part)));
});
