import { expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Node, Volume } from '#kube/resources.ts';
import { type EligibilityInput, ineligibilityOf } from './eligibility.ts';

const aNode = (name: string, more: Partial<Node['metadata']> = {}, ready = 'True'): Node => ({
  metadata: { name, namespace: '', uid: name, labels: { 'kubernetes.io/hostname': name }, ...more },
  status: {
    conditions: [{ type: 'Ready', status: ready }],
    addresses: [{ type: 'InternalIP', address: `192.0.2.${name.length}` }],
  },
});
const aCluster = (name: string, nodes: string[] = []): VirtualCluster => ({
  apiVersion: 'kosmos.io/v1alpha1',
  kind: 'VirtualCluster',
  metadata: { namespace: 'team', name, uid: `uid-of-${name}` },
  spec: {},
  status: { nodes: nodes.map((one) => ({ name: one, kind: 'Promoted', step: 'Ready' })) },
});
const aVolume = (hostnames: string[], phase = 'Bound'): Volume => ({
  metadata: { name: 'pv', namespace: '', uid: 'pv' },
  spec: {
    claimRef: { namespace: 'db', name: 'data' },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: hostnames }] },
        ],
      },
    },
  },
  status: { phase },
});

const inputWith = (more: Partial<EligibilityInput> = {}): EligibilityInput => ({
  cluster: aCluster('mine'),
  clusters: [aCluster('mine', ['w'])],
  nodes: [aNode('w'), aNode('other')],
  volumes: [],
  agents: new Set(['w', 'other']),
  promotableLabels: {},
  endpointHosts: new Set(['198.51.100.1']),
  registries: [],
  ...more,
});

const CONTROL = 'node-role.kubernetes.io/control-plane';
test.each<[string, Partial<EligibilityInput>, string | undefined]>([
  ['accepts a plain worker node', {}, undefined],
  ['rejects a node that does not exist', { nodes: [] }, 'NodeNotFound'],
  [
    'rejects a node of the host’s control plane',
    { nodes: [aNode('w', { labels: { [CONTROL]: '' } })] },
    'ControlPlaneNode',
  ],
  [
    'rejects a node without the labels of --promotable-nodes',
    { promotableLabels: { pool: 'tenants' } },
    'NodeNotOffered',
  ],
  [
    'accepts a node with the labels of --promotable-nodes',
    { nodes: [aNode('w', { labels: { pool: 'tenants' } })], promotableLabels: { pool: 'tenants' } },
    undefined,
  ],
  [
    'rejects a node with the claim of another cluster',
    { nodes: [aNode('w', { annotations: { [ANNOTATION.heldBy]: 'team/first/uid' } })] },
    'NodeTaken',
  ],
  [
    'rejects a node that another cluster has recorded, even when the host has no such node',
    { nodes: [], clusters: [aCluster('first', ['w'])] },
    'NodeTaken',
  ],
  ['rejects the node at a tenant’s endpoint', { endpointHosts: new Set(['192.0.2.1']) }, 'EntryNode'],
  ['rejects the node of the image registry', { registries: ['192.0.2.1'] }, 'RegistryNode'],
  ['rejects a node that is not Ready', { nodes: [aNode('w', {}, 'False')] }, 'HostNodeNotReady'],
  [
    'rejects a node with a bound volume that no other node reaches',
    { volumes: [aVolume(['w'])] },
    'NodeBoundVolume',
  ],
  [
    'accepts a node with a volume that another node reaches too',
    { volumes: [aVolume(['w', 'other'])] },
    undefined,
  ],
  ['accepts a node with a released volume', { volumes: [aVolume(['w'], 'Released')] }, undefined],
  ['rejects a node without a node agent', { agents: new Set() }, 'NoNodeAgent'],
])('ineligibilityOf %s', (_sentence, more, reason) => {
  expect(ineligibilityOf('w', inputWith(more))?.reason).toBe(reason);
});

test('ineligibilityOf names the cluster that holds the node', () => {
  expect(ineligibilityOf('w', inputWith({ clusters: [aCluster('first', ['w'])] }))?.message).toContain(
    'team/first',
  );
});
