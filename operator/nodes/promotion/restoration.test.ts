import { expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import type { Node } from '#kube/resources.ts';
import { keptOf } from './node-snapshot.ts';
import { restoration } from './restoration.ts';

const agent = { host: '192.0.2.3', port: 10270, certificate: 'PEM' };
const aNode = (metadata: Partial<Node['metadata']> = {}, spec: NonNullable<Node['spec']> = {}): Node => ({
  metadata: { name: 'w', namespace: '', uid: 'u', resourceVersion: '7', ...metadata },
  spec,
});
const DISK = { key: 'disk', effect: 'NoSchedule' };
const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

test.each<[string, Node, Node, object | undefined]>([
  ['a node as it was lacks nothing', aNode(), aNode(), undefined],
  [
    'labels that its kubelet does not set come back',
    aNode({ labels: { a: '1', b: '2' } }),
    aNode({ labels: { b: 'new' } }),
    { metadata: { labels: { a: '1' } }, spec: {} },
  ],
  [
    'taints come back beside those of the moment',
    aNode({}, { taints: [DISK] }),
    aNode({}, { taints: [notReady] }),
    { metadata: { resourceVersion: '7' }, spec: { taints: [notReady, DISK] } },
  ],
  ['a taint of a moment then does not', aNode({}, { taints: [notReady] }), aNode(), undefined],
  [
    'it takes pods again',
    aNode(),
    aNode({}, { unschedulable: true }),
    { metadata: {}, spec: { unschedulable: null } },
  ],
  [
    'one that took none before takes none',
    aNode({}, { unschedulable: true }),
    aNode(),
    { metadata: {}, spec: { unschedulable: true } },
  ],
  [
    'the claim goes',
    aNode(),
    aNode({ annotations: { [ANNOTATION.heldBy]: 'a/b/c' } }),
    { metadata: { annotations: { [ANNOTATION.heldBy]: null } }, spec: {} },
  ],
])('%s', (_name, before, now, patch) => {
  expect(restoration(keptOf(before, agent, ANNOTATION.heldBy), now)).toEqual(patch);
});
