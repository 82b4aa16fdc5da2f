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
  [
    'keeps an endpoint whose node a cluster merely asks for',
    { name: 'a', kind: 'Promoted', phase: 'Pending' },
    '192.0.2.1',
  ],
  [
    'moves an endpoint whose node is being promoted',
    { name: 'a', kind: 'Promoted', phase: 'Joining', step: 'Cordon' },
    '192.0.2.2',
  ],
  [
    'keeps an endpoint whose node has the same name as a worker',
    { name: 'a', kind: 'Worker', phase: 'Joining', step: 'Drain' },
    '192.0.2.1',
  ],
])('HostNodes %s', async (_sentence, status, expected) => {
  const clusters = () => [cluster({ status: { nodes: [status] } })];
  const { chosen } = await new HostNodes({ client, clock: systemClock, clusters }).addresses('192.0.2.1');
  expect(chosen).toBe(expected);
});
