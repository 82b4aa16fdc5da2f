import { expect, test } from 'vitest';
import { type Deployment, kosmosOperators } from './kosmos.ts';

const deployment = (image: string, replicas?: number): Deployment => ({
  metadata: { namespace: 'kosmos-system', name: 'operator' },
  spec: { ...(replicas === undefined ? {} : { replicas }), template: { spec: { containers: [{ image }] } } },
});

test.each<[string, Deployment, boolean]>([
  [
    "finds Kosmos's operator",
    deployment('registry.example.com/kosmos-io/virtual-cluster-operator:v0.3.0', 1),
    true,
  ],
  [
    'finds an operator from a mirror, by digest',
    deployment('mirror.example/x/kosmos-operator@sha256:0', 2),
    true,
  ],
  ['finds an operator without a tag and with the default of replicas', deployment('kosmos-operator'), true],
  [
    'ignores an operator that is scaled to zero',
    deployment('registry.example.com/kosmos-io/virtual-cluster-operator:v0.3.0', 0),
    false,
  ],
  ["ignores Kosmos's scheduler", deployment('registry.example.com/kosmos-io/scheduler:v0.3.0', 1), false],
  ['ignores the operator of Pinion', deployment('pinion/operator:latest', 2), false],
  ['ignores an image whose name only ends alike', deployment('example.com/my-kosmos-operator:1', 1), false],
])('kosmosOperators %s', (_sentence, operator, isFound) => {
  expect(kosmosOperators([operator])).toEqual(isFound ? ['kosmos-system/operator'] : []);
});
