import { expect, test } from 'vitest';
import { chooseNodeAddress, endpointsOf, type HostNode, urlOf } from './endpoint.ts';

const NOW = Date.UTC(2026, 0, 1);

const node = (
  name: string,
  address: string,
  over: { ready?: string; controlPlane?: boolean; minutes?: number } = {},
): HostNode => ({
  metadata: { name, labels: over.controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {} },
  status: {
    addresses: [
      { type: 'Hostname', address: name },
      { type: 'InternalIP', address },
    ],
    conditions: [
      {
        type: 'Ready',
        status: over.ready ?? 'True',
        lastTransitionTime: new Date(NOW - (over.minutes ?? 60) * 60_000).toISOString(),
      },
    ],
  },
});
const one = node('a', '192.0.2.1');
const two = node('b', '192.0.2.2');
const master = node('z', '192.0.2.9', { controlPlane: true });
const rebooting = node('b', '192.0.2.2', { ready: 'Unknown', minutes: 5 });
const gone = node('b', '192.0.2.2', { ready: 'Unknown', minutes: 16 });
const sick = node('z', '192.0.2.9', { controlPlane: true, ready: 'Unknown' });

test.each<[string, HostNode[], string[], string | undefined, string | undefined]>([
  ['prefers a control-plane node', [one, two, master], [], undefined, '192.0.2.9'],
  ['skips a control-plane node that is not Ready', [two, one, sick], [], undefined, '192.0.2.1'],
  ['skips a promoted node', [one, two], ['a'], undefined, '192.0.2.2'],
  ['keeps the earlier choice', [one, two, master], [], '192.0.2.2', '192.0.2.2'],
  ['keeps the earlier choice while its machine reboots', [one, rebooting], [], '192.0.2.2', '192.0.2.2'],
  [
    'drops the earlier choice when its node is down for more than 15 minutes',
    [one, gone],
    [],
    '192.0.2.2',
    '192.0.2.1',
  ],
  ['does not choose a machine that reboots', [rebooting, master], [], undefined, '192.0.2.9'],
  ['drops the earlier choice when its node is promoted', [one, two], ['b'], '192.0.2.2', '192.0.2.1'],
  ['drops the earlier choice when its node is gone', [one], [], '192.0.2.2', '192.0.2.1'],
  ['chooses no node when none is Ready', [sick], [], undefined, undefined],
])('chooseNodeAddress %s', (_sentence, nodes, promoted, before, expected) => {
  expect(chooseNodeAddress(nodes, new Set(promoted), { before, now: NOW })).toBe(expected);
});

const ports = [
  { name: 'https', port: 443, nodePort: 30443 },
  { name: 'konnectivity', port: 8132, nodePort: 30132 },
];
test.each([
  ['the node for a NodePort Service', 'NodePort', [], 'https://192.0.2.1:30443'],
  ['the address of a load balancer', 'LoadBalancer', [{ ip: '198.51.100.1' }], 'https://198.51.100.1:443'],
  [
    'the host name of a load balancer',
    'LoadBalancer',
    [{ hostname: 'lb.example.com' }],
    'https://lb.example.com:443',
  ],
  ['nothing for a load balancer without an address', 'LoadBalancer', [], undefined],
  ['the Service for ClusterIP', 'ClusterIP', [], 'https://[2001:db8::1]:443'],
])('endpointsOf returns %s', (_what, type, ingress, expected) => {
  const service = { spec: { type, clusterIP: '2001:db8::1', ports }, status: { loadBalancer: { ingress } } };
  const endpoints = endpointsOf(service, '192.0.2.1');
  expect(endpoints && urlOf(endpoints.apiServer)).toBe(expected);
});

test('endpointsOf returns nothing while a NodePort Service has no port numbers', () => {
  const spec = { type: 'NodePort', ports: [{ name: 'https', port: 443 }] };
  expect(endpointsOf({ spec }, '192.0.2.1')).toBeUndefined();
});
