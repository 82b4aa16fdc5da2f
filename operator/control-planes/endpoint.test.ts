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
  ['a control-plane node is taken first', [one, two, master], [], undefined, '192.0.2.9'],
  ['a control-plane node that is not Ready is not', [two, one, sick], [], undefined, '192.0.2.1'],
  ['a promoted node is not', [one, two], ['a'], undefined, '192.0.2.2'],
  ['what was chosen is kept', [one, two, master], [], '192.0.2.2', '192.0.2.2'],
  ['what was chosen is kept while its machine reboots', [one, rebooting], [], '192.0.2.2', '192.0.2.2'],
  ['what was chosen goes when its node is down for long', [one, gone], [], '192.0.2.2', '192.0.2.1'],
  ['a machine that reboots is not chosen', [rebooting, master], [], undefined, '192.0.2.9'],
  ['what was chosen goes when its node is promoted', [one, two], ['b'], '192.0.2.2', '192.0.2.1'],
  ['what was chosen goes when its node is gone', [one], [], '192.0.2.2', '192.0.2.1'],
  ['there may be none', [sick], [], undefined, undefined],
])('entry: %s', (_what, nodes, promoted, before, expected) => {
  expect(chooseNodeAddress(nodes, new Set(promoted), { before, now: NOW })).toBe(expected);
});

const ports = [
  { name: 'https', port: 443, nodePort: 30443 },
  { name: 'konnectivity', port: 8132, nodePort: 30132 },
];
test.each([
  ['NodePort: the node', 'NodePort', [], 'https://192.0.2.1:30443'],
  ['LoadBalancer: its address', 'LoadBalancer', [{ ip: '198.51.100.1' }], 'https://198.51.100.1:443'],
  ['LoadBalancer: its name', 'LoadBalancer', [{ hostname: 'lb.example.com' }], 'https://lb.example.com:443'],
  ['LoadBalancer without an address: nowhere yet', 'LoadBalancer', [], undefined],
  ['ClusterIP: the Service', 'ClusterIP', [], 'https://[2001:db8::1]:443'],
])('%s', (_what, type, ingress, expected) => {
  const service = { spec: { type, clusterIP: '2001:db8::1', ports }, status: { loadBalancer: { ingress } } };
  const entry = endpointsOf(service, '192.0.2.1');
  expect(entry && urlOf(entry.apiServer)).toBe(expected);
});

test('a Service whose ports have no number yet is no entry', () => {
  const spec = { type: 'NodePort', ports: [{ name: 'https', port: 443 }] };
  expect(endpointsOf({ spec }, '192.0.2.1')).toBeUndefined();
});
