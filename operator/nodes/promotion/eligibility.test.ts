import { expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Node, Volume } from '#kube/resources.ts';
import { obstacleTo, type Surroundings } from './eligibility.ts';

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

const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  cluster: aCluster('mine'),
  clusters: [aCluster('mine', ['w'])],
  nodes: [aNode('w'), aNode('other')],
  volumes: [],
  agents: new Set(['w', 'other']),
  promotableLabels: {},
  entries: new Set(['198.51.100.1']),
  registries: [],
  ...more,
});

const CONTROL = 'node-role.kubernetes.io/control-plane';
test.each<[string, Partial<Surroundings>, string | undefined]>([
  ['a plain worker can be taken', {}, undefined],
  ['a node that is not there can not', { nodes: [] }, 'NodeNotFound'],
  [
    'the host’s control plane stays',
    { nodes: [aNode('w', { labels: { [CONTROL]: '' } })] },
    'ControlPlaneNode',
  ],
  [
    'a node that the administrator does not offer stays',
    { promotableLabels: { pool: 'tenants' } },
    'NodeNotOffered',
  ],
  [
    'a node that is offered can be taken',
    { nodes: [aNode('w', { labels: { pool: 'tenants' } })], promotableLabels: { pool: 'tenants' } },
    undefined,
  ],
  [
    'a node that says it is another’s is that one’s',
    { nodes: [aNode('w', { annotations: { [ANNOTATION.heldBy]: 'team/first/uid' } })] },
    'NodeTaken',
  ],
  [
    'one that another has recorded is that one’s, though it is gone',
    { nodes: [], clusters: [aCluster('first', ['w'])] },
    'NodeTaken',
  ],
  ['the entrance of a tenant stays', { entries: new Set(['192.0.2.1']) }, 'EntryNode'],
  ['the image registry stays', { registries: ['192.0.2.1'] }, 'RegistryNode'],
  ['a node that is not Ready waits', { nodes: [aNode('w', {}, 'False')] }, 'HostNodeNotReady'],
  ['data that is only there stays reachable', { volumes: [aVolume(['w'])] }, 'NodeBoundVolume'],
  [
    'data that another node reaches as well is no obstacle',
    { volumes: [aVolume(['w', 'other'])] },
    undefined,
  ],
  ['a volume that nobody uses is no obstacle', { volumes: [aVolume(['w'], 'Released')] }, undefined],
  ['without an agent nobody could do it', { agents: new Set() }, 'NoNodeAgent'],
])('%s', (_name, more, reason) => {
  expect(obstacleTo('w', around(more))?.reason).toBe(reason);
});

test('who has it is named', () => {
  expect(obstacleTo('w', around({ clusters: [aCluster('first', ['w'])] }))?.message).toContain('team/first');
});
