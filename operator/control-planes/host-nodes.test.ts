import { expect, test } from 'vitest';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { cluster } from '#test/observed.ts';
import type { HostNode } from './endpoint.ts';
import { HostNodes } from './host-nodes.ts';

const node = (name: string, address: string): HostNode => ({
  metadata: { name },
  status: {
    addresses: [{ type: 'InternalIP', address }],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
});
const client = {
  list: async () => ({ items: [node('a', '192.0.2.1'), node('b', '192.0.2.2')] }),
} as unknown as KubeClient;

test.each<[string, NodeStatus, string]>([
  ['a node that is only asked for', { name: 'a', kind: 'Promoted', phase: 'Pending' }, '192.0.2.1'],
  [
    'a node that is being taken',
    { name: 'a', kind: 'Promoted', phase: 'Joining', step: 'Cordon' },
    '192.0.2.2',
  ],
  ['a worker of that name', { name: 'a', kind: 'Worker', phase: 'Joining', step: 'Drain' }, '192.0.2.1'],
])('%s decides whether it stays the entry', async (_what, entry, expected) => {
  const clusters = () => [cluster({ status: { nodes: [entry] } })];
  const { chosen } = await new HostNodes({ client, clock: systemClock, clusters }).addresses('192.0.2.1');
  expect(chosen).toBe(expected);
});
