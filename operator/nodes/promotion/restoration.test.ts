import { expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import type { Node } from '#kube/resources.ts';
import { snapshotOf } from './node-snapshot.ts';
import { restoration } from './restoration.ts';

const agent = { host: '192.0.2.3', port: 10270, certificate: 'PEM' };
const aNode = (metadata: Partial<Node['metadata']> = {}, spec: NonNullable<Node['spec']> = {}): Node => ({
  metadata: { name: 'w', namespace: '', uid: 'u', resourceVersion: '7', ...metadata },
  spec,
});
const DISK = { key: 'disk', effect: 'NoSchedule' };
const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

test.each<[string, Node, Node, object | undefined]>([
  ['is undefined for an unchanged node', aNode(), aNode(), undefined],
  [
    'restores labels that the kubelet does not set',
    aNode({ labels: { a: '1', b: '2' } }),
    aNode({ labels: { b: 'new' } }),
    { metadata: { labels: { a: '1' } }, spec: {} },
  ],
  [
    'restores taints beside the current ones',
    aNode({}, { taints: [DISK] }),
    aNode({}, { taints: [notReady] }),
    { metadata: { resourceVersion: '7' }, spec: { taints: [notReady, DISK] } },
  ],
  ['does not restore a transient taint of Kubernetes', aNode({}, { taints: [notReady] }), aNode(), undefined],
  [
    'uncordons a node that was schedulable',
    aNode(),
    aNode({}, { unschedulable: true }),
    { metadata: {}, spec: { unschedulable: null } },
  ],
  [
    'cordons a node that was cordoned before',
    aNode({}, { unschedulable: true }),
    aNode(),
    { metadata: {}, spec: { unschedulable: true } },
  ],
  [
    'removes the claim',
    aNode(),
    aNode({ annotations: { [ANNOTATION.heldBy]: 'a/b/c' } }),
    { metadata: { annotations: { [ANNOTATION.heldBy]: null } }, spec: {} },
  ],
])('restoration %s', (_sentence, before, now, patch) => {
  expect(restoration(snapshotOf(before, agent, ANNOTATION.heldBy), now)).toEqual(patch);
});
