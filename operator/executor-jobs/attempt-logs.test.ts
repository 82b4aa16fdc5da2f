import { expect, test } from 'vitest';
import { LABEL } from '#api/contract/names.ts';
import type { KubeClient } from '#kube/client.ts';
import { ApiError } from '#kube/errors.ts';
import { silentLog } from '#kube/log.ts';
import type { Job, Pod } from '#kube/resources.ts';
import type { Caches } from '#operator/host/caches.ts';
import { FakeClock } from '#test/fake-clock.ts';
import { keptLogs } from '#test/kept-logs.ts';
import { cluster, ended, pod } from '#test/observed.ts';
import { AttemptLogs } from './attempt-logs.ts';

const broken = new ApiError(500, { message: 'the kubelet does not answer' }, 'GET log');
const gone = new ApiError(404, {}, 'GET node');

/** One failed pod on a node, whose log is what `log` gives; `saved` are the texts that are kept. */
function given({
  log,
  nodeReady = true,
  metadata = {},
  exitCode = 20,
  kept = [],
}: {
  log: () => string;
  nodeReady?: boolean;
  metadata?: object;
  exitCode?: number;
  kept?: { metadata: object }[];
}) {
  const failed = pod(ended(exitCode, { reason: 'RenderFailed', message: 'bad template' }));
  const { name, namespace, uid } = cluster().metadata;
  failed.metadata.labels = {
    [LABEL.clusterNamespace]: namespace,
    [LABEL.clusterName]: name,
    [LABEL.clusterUid]: uid,
  };
  Object.assign(failed.metadata, metadata);
  failed.spec = { ...failed.spec, nodeName: 'node-1' };
  const saved: string[] = [];
  const requests: string[] = [];
  const names: string[] = [];
  const client = {
    get: async ({ kind }: { kind: string }) => {
      if (kind !== 'Node') return cluster();
      if (!nodeReady) throw gone;
      return { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    },
    list: async () => {
      requests.push('list');
      return { items: [...kept] };
    },
    text: async () => {
      requests.push('read');
      return log();
    },
    delete: async (_of: unknown, { name }: { name: string }) => {
      requests.push(`delete ${name}`);
    },
    create: async (_of: unknown, map: { metadata: { name: string }; binaryData: Record<string, string> }) => {
      requests.push('create');
      names.push(map.metadata.name);
      saved.push(keptLogs(map)['executor.log'] ?? '');
      return map;
    },
  } as unknown as KubeClient;
  const caches = {
    pods: { cache: { byKey: () => failed, byIndex: () => [failed] } },
    clusters: { cache: { get: () => cluster() }, onChange: () => undefined },
  } as unknown as Caches;
  const clock = new FakeClock();
  const logs = new AttemptLogs({ client, caches, log: silentLog, clock });
  return { logs, saved, names, requests, clock, pod: failed };
}

const fails = () => {
  throw broken;
};

test('AttemptLogs keeps a log that can be read', async () => {
  const { logs, saved } = given({ log: () => 'line 1\n' });
  await logs.reconcile('demo/pod');
  expect(saved).toEqual(['line 1\n']);
});

test('AttemptLogs reads a log again that could not be read, and keeps it then', async () => {
  let isBroken = true;
  const { logs, saved, clock } = given({ log: () => (isBroken ? fails() : 'line 1\n') });
  await expect(logs.reconcile('demo/pod')).rejects.toBe(broken);
  await clock.advance(60_000);
  await expect(logs.reconcile('demo/pod')).rejects.toBe(broken);
  expect(saved).toEqual([]);
  isBroken = false;
  await logs.reconcile('demo/pod');
  expect(saved).toEqual(['line 1\n']);
});

test('AttemptLogs keeps the termination message once, after two minutes without the log', async () => {
  const { logs, saved, clock } = given({ log: fails });
  await expect(logs.reconcile('demo/pod')).rejects.toBe(broken);
  await clock.advance(120_000);
  await logs.reconcile('demo/pod');
  await logs.reconcile('demo/pod');
  expect(saved).toEqual([expect.stringMatching(/bad template/)]);
});

test.each([
  ['its node is gone', { nodeReady: false }],
  ['the pod is being deleted', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
])('AttemptLogs keeps the termination message at once when %s', async (_when, how) => {
  const { logs, saved } = given({ log: fails, ...how });
  await logs.reconcile('demo/pod');
  expect(saved).toEqual([expect.stringMatching(/bad template/)]);
});

/** A ConfigMap in which attempt `n` of the Job of `pod` is kept. */
const keptLog = (n: number, { metadata }: { metadata: Pod['metadata'] }) => ({
  metadata: {
    namespace: metadata.namespace,
    name: `${metadata.ownerReferences?.[0]?.name}-${n}`,
    creationTimestamp: `2026-01-01T00:00:0${n}Z`,
    annotations: { 'kosmos.io/pod': `pod-of-${n}`, 'kosmos.io/attempt': String(n) },
  },
});

test('AttemptLogs lists what is kept once for a cluster, then reads and creates', async () => {
  const { logs, requests, pod: failed } = given({ log: () => 'line 1\n' });
  await logs.reconcile('demo/pod');
  failed.metadata = { ...failed.metadata, name: 'second', uid: 'second' };
  await logs.reconcile('demo/second');
  expect(requests).toEqual(['list', 'read', 'create', 'read', 'create']);
});

test('AttemptLogs numbers attempts on from those that are kept, and keeps the newest five', async () => {
  const kept: { metadata: object }[] = [];
  const { logs, requests, names, pod: failed } = given({ log: () => 'line 1\n', kept });
  const job = failed.metadata.ownerReferences?.[0]?.name;
  kept.push(...[3, 1, 2, 5, 4].map((n) => keptLog(n, failed)));
  await logs.reconcile('demo/pod');
  expect(names).toEqual([`${job}-6`]);
  expect(requests).toContain(`delete ${job}-1`);
  expect(requests).toHaveLength(4);
});

test('AttemptLogs keeps nothing twice that an earlier operator has kept', async () => {
  const kept: { metadata: object }[] = [];
  const { logs, requests, pod: failed } = given({ log: () => 'line 1\n', kept });
  const { metadata } = keptLog(1, failed);
  kept.push({ metadata: { ...metadata, annotations: { 'kosmos.io/pod': failed.metadata.name } } });
  await logs.reconcile('demo/pod');
  expect(requests).toEqual(['list']);
});

test('AttemptLogs keeps the log of a success ten seconds after its end', async () => {
  const { logs, saved, clock, pod: ended } = given({ log: () => 'line 1\n', exitCode: 0 });
  const executor = ended.status?.containerStatuses?.[0]?.state?.terminated;
  Object.assign(executor ?? {}, { finishedAt: new Date(clock.now() - 4_000).toISOString() });
  expect(await logs.reconcile('demo/pod')).toEqual({ requeueAfterMs: 6_000 });
  expect(saved).toEqual([]);
  await clock.advance(6_000);
  await logs.reconcile('demo/pod');
  expect(saved).toEqual(['line 1\n']);
});

test('AttemptLogs keeps the log of a success at once whose Job is about to be deleted', async () => {
  const { logs, saved, clock, pod: ended } = given({ log: () => 'line 1\n', exitCode: 0 });
  const executor = ended.status?.containerStatuses?.[0]?.state?.terminated;
  Object.assign(executor ?? {}, { finishedAt: new Date(clock.now()).toISOString() });
  const [owner] = ended.metadata.ownerReferences ?? [];
  const job = { metadata: { name: owner?.name, uid: owner?.uid, labels: ended.metadata.labels } } as Job;
  await logs.keepOf(job);
  await logs.keepOf(job);
  expect(saved).toEqual(['line 1\n']);
});

test('AttemptLogs keeps nothing more of a cluster once that is closed', async () => {
  let answer = (_: string) => {};
  const text = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const { logs, saved } = given({ log: () => text as unknown as string });
  const keeping = logs.reconcile('demo/pod');
  await logs.close(cluster().metadata.uid);
  answer('line 1\n');
  await keeping;
  expect(saved).toEqual([]);
});
