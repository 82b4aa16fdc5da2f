import { expect, test } from 'vitest';
import { type Count, clientTable, countRequests, meanCounts, requestDetails, sumOfCounts } from './count.ts';
import type { AuditEvent } from './event.ts';

const TARGET = 'pinion-bench-target';
const event = (username: string, verb: string, resource: string, userAgent = 'pinion'): AuditEvent => ({
  auditID: 'a',
  verb,
  requestURI: '/',
  user: { username },
  userAgent,
  objectRef: { resource },
  requestReceivedTimestamp: '2026-01-02T00:00:00Z',
});
const aCount = (changes: Partial<Count>): Count => ({
  client: 'operator',
  side: 'host',
  verb: 'get',
  resource: 'jobs',
  requests: 1,
  ...changes,
});

test('countRequests groups requests, divides them by the installs and leaves heartbeats out', () => {
  const events = [
    event('system:node:worker-1', 'patch', 'pods'),
    event('system:node:worker-2', 'patch', 'pods'),
    event('system:node:worker-2', 'update', 'leases'),
    event(TARGET, 'create', 'leases', 'pinion-executor'),
  ];
  expect(countRequests(events, { targetUser: TARGET, namespaces: [] }, 2)).toEqual([
    { client: 'kubelet', side: 'host', verb: 'patch', resource: 'pods', requests: 1 },
    { client: 'executor', side: 'target', verb: 'create', resource: 'leases', requests: 0.5 },
  ]);
});

test('meanCounts counts a request that a round lacks as 0', () => {
  const rounds = [[aCount({ requests: 3 }), aCount({ verb: 'list' })], [aCount({ requests: 4 })]];
  expect(meanCounts(rounds)).toEqual([aCount({ requests: 3.5 }), aCount({ verb: 'list', requests: 0.5 })]);
});

test('sumOfCounts adds what matches', () => {
  const counts = [aCount({ requests: 3 }), aCount({ side: 'target', requests: 4 })];
  expect(sumOfCounts(counts)).toBe(7);
  expect(sumOfCounts(counts, ({ side }) => side === 'target')).toBe(4);
});

test('clientTable puts host, target and an empty Job side by side and leaves idle clients out', () => {
  const install = [aCount({ requests: 9 }), aCount({ side: 'target', requests: 2 })];
  const job = [aCount({ client: 'kubelet', requests: 7.25 }), aCount({ client: 'others', requests: 0.04 })];
  expect(clientTable(install, job).split('\n').slice(2)).toEqual([
    '| operator | 9.0 | 2.0 |  |',
    '| kubelet |  |  | 7.3 |',
    '| all | 9.0 | 2.0 | 7.3 |',
  ]);
});

test('requestDetails lists each request once, by client and then by number', () => {
  const install = [aCount({ requests: 1 }), aCount({ verb: 'list', requests: 2 })];
  const job = [aCount({ client: 'kubelet', verb: 'patch', resource: 'pods/status', requests: 4 })];
  const lines = requestDetails(install, job)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);
  expect(lines).toEqual([
    '| operator | host | list | jobs | 2.0 |  |',
    '| operator | host | get | jobs | 1.0 |  |',
    '| kubelet | host | patch | pods/status |  | 4.0 |',
  ]);
});
