import { expect, test } from 'vitest';
import { type Deployment, kosmosOperators } from './kosmos.ts';

const deployment = (image: string, replicas?: number): Deployment => ({
  metadata: { namespace: 'kosmos-system', name: 'operator' },
  spec: { ...(replicas === undefined ? {} : { replicas }), template: { spec: { containers: [{ image }] } } },
});

test.each<[string, Deployment, boolean]>([
  [
    "Kosmos's operator",
    deployment('registry.example.com/kosmos-io/virtual-cluster-operator:v0.3.0', 1),
    true,
  ],
  ['one from a mirror, by digest', deployment('mirror.example/x/kosmos-operator@sha256:0', 2), true],
  ['one without a tag and with the default of replicas', deployment('kosmos-operator'), true],
  [
    'not one that is scaled to zero',
    deployment('registry.example.com/kosmos-io/virtual-cluster-operator:v0.3.0', 0),
    false,
  ],
  ["not Kosmos's scheduler", deployment('registry.example.com/kosmos-io/scheduler:v0.3.0', 1), false],
  ['not our own operator', deployment('pinion/operator:latest', 2), false],
  ['not one whose name only ends alike', deployment('example.com/my-kosmos-operator:1', 1), false],
])('finds %s', (_sentence, given, found) => {
  expect(kosmosOperators([given])).toEqual(found ? ['kosmos-system/operator'] : []);
});
