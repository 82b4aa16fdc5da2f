import { expect, test } from 'vitest';
import { type AuditEvent, classify, isBackground, parseEvents } from './event.ts';

const TARGET = 'pinion-bench-target';
const account = (name: string) => `system:serviceaccount:${name}`;

/** An event of the audit log; only what is said differs. */
function anEvent(username: string, changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    auditID: 'a',
    verb: 'get',
    requestURI: '/api/v1/namespaces/team/pods/web',
    user: { username },
    objectRef: { resource: 'pods' },
    requestReceivedTimestamp: '2026-01-02T00:00:10.000000Z',
    ...changes,
  };
}

test.each([
  [TARGET, 'pinion-executor', 'executor', 'target'],
  [TARGET, 'Helm/4.2.4', "executor's helm", 'target'],
  [TARGET, 'kubectl/v1.36.3 (linux/amd64)', "executor's kubectl", 'target'],
  [TARGET, 'pinion', 'operator', 'target'],
  [TARGET, 'curl/8', 'others', 'target'],
  [account('pinion-system:pinion-operator'), 'pinion', 'operator', 'host'],
  [account('pinion-system:pinion-webhook'), 'pinion', 'webhook', 'host'],
  ['system:node:worker-1', 'kubelet/v1.36.3', 'kubelet', 'host'],
  [account('kube-system:job-controller'), 'kube-controller-manager/v1.36.3', 'job controller', 'host'],
  [account('kube-system:generic-garbage-collector'), 'kube-controller-manager', 'garbage collector', 'host'],
  [account('kube-system:root-ca-cert-publisher'), 'kube-controller-manager', 'other controllers', 'host'],
  ['system:kube-controller-manager', 'kube-controller-manager', 'other controllers', 'host'],
  ['system:kube-scheduler', 'kube-scheduler/v1.36.3', 'scheduler', 'host'],
  ['system:apiserver', 'kube-apiserver/v1.36.3', 'API server', 'host'],
  [account('kube-system:coredns'), 'coredns', 'cluster add-ons', 'host'],
  ['local-admin', 'pinion-bench', 'bench', 'host'],
  ['local-admin', 'kubectl/v1.36.3', 'bench', 'host'],
  [account('team:web'), 'web', 'others', 'host'],
] as const)(
  'classify counts a request of %s with user agent %s as %s at the %s',
  (user, userAgent, client, side) => {
    expect(classify(anEvent(user, { userAgent }), TARGET)).toMatchObject({ client, side });
  },
);

test.each([
  [{ objectRef: { resource: 'pods' } }, 'pods'],
  [{ objectRef: { resource: 'pods', subresource: 'status' } }, 'pods/status'],
  [{ objectRef: undefined, requestURI: '/openapi/v3?timeout=32s' }, '/openapi/v3'],
])('classify names the resource of %j %s', (changes, resource) => {
  expect(classify(anEvent(TARGET, changes as Partial<AuditEvent>), TARGET).resource).toBe(resource);
});

test.each([
  ['system:node:worker-1', 'patch', 'nodes', true],
  ['system:node:worker-1', 'update', 'leases', true],
  [account('pinion-system:pinion-operator'), 'update', 'leases', true],
  ['system:node:worker-1', 'patch', 'pods', false],
  [account('pinion-system:pinion-operator'), 'get', 'nodes', false],
  ['system:kube-scheduler', 'watch', 'pods', true],
  [account('kube-system:job-controller'), 'watch', 'jobs', true],
  ['system:node:worker-1', 'watch', 'secrets', false],
  [TARGET, 'watch', 'deployments', false],
  [TARGET, 'create', 'leases', false],
])('isBackground: when %s sends %s %s, %s', (user, verb, resource, expected) => {
  const event = anEvent(user, { verb, objectRef: { resource, namespace: 'bench' } });
  expect(isBackground(event, { targetUser: TARGET, namespaces: ['bench'] })).toBe(expected);
});

test.each([
  [{ resource: 'jobs', namespace: 'bench' }, false],
  [{ resource: 'jobs', namespace: 'demo' }, true],
  [{ resource: 'namespaces', namespace: 'kube-system' }, false],
  [{ resource: 'clusterroles' }, false],
])('isBackground: work of the operator on %j, %s', (objectRef, expected) => {
  const event = anEvent(account('pinion-system:pinion-operator'), { objectRef });
  expect(isBackground(event, { targetUser: TARGET, namespaces: ['bench'] })).toBe(expected);
});

test('parseEvents counts a watch that begins and ends once, and only requests received in the window', () => {
  const at = (second: number, auditID: string) =>
    JSON.stringify(anEvent('a', { auditID, requestReceivedTimestamp: `2026-01-02T00:00:${second}.000000Z` }));
  const text = [
    at(10, 'early').slice(40),
    at(10, 'before'),
    at(20, 'watch'),
    at(20, 'watch'),
    at(21, 'get'),
    at(40, 'after'),
    '',
  ].join('\n');
  const [from, until] = [Date.parse('2026-01-02T00:00:15Z'), Date.parse('2026-01-02T00:00:30Z')];
  expect(parseEvents(text, from, until).map(({ auditID }) => auditID)).toEqual(['watch', 'get']);
});
