import { expect, test } from 'vitest';
import { LABEL } from '#api/contract/names.ts';
import type { KubeClient } from '#kube/client.ts';
import { ApiError } from '#kube/errors.ts';
import { silentLog } from '#kube/log.ts';
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
}: {
  log: () => string;
  nodeReady?: boolean;
  metadata?: object;
}) {
  const failed = pod(ended(20, { reason: 'RenderFailed', message: 'bad template' }));
  const { name, namespace, uid } = cluster().metadata;
  failed.metadata.labels = {
    [LABEL.clusterNamespace]: namespace,
    [LABEL.clusterName]: name,
    [LABEL.clusterUid]: uid,
  };
  Object.assign(failed.metadata, metadata);
  failed.spec = { ...failed.spec, nodeName: 'node-1' };
  const saved: string[] = [];
  const client = {
    get: async ({ kind }: { kind: string }) => {
      if (kind !== 'Node') return cluster();
      if (!nodeReady) throw gone;
      return { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    },
    list: async () => ({ items: [] }),
    text: async () => log(),
    create: async (_of: unknown, map: { binaryData: Record<string, string> }) => {
      saved.push(keptLogs(map)['executor.log'] ?? '');
      return map;
    },
  } as unknown as KubeClient;
  const caches = {
    pods: { cache: { byKey: () => failed } },
    clusters: { cache: { get: () => cluster() } },
  } as unknown as Caches;
  const clock = new FakeClock();
  return { logs: new AttemptLogs({ client, caches, log: silentLog, clock }), saved, clock };
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
