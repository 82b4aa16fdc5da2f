import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { secrets } from '#operator/objects.ts';
import {
  connect,
  end,
  given,
  installKinds,
  jobsIn,
  podOf,
  startOperator,
  succeed,
  whenCluster,
} from './harness.ts';

let client: KubeClient;
let operator: { stop: () => Promise<void> };

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(client);
});
afterAll(() => operator.stop());

test('every plugin gets one Job with its Secret, and when all have succeeded the cluster is Completed', async () => {
  await given('op-install', ['web', 'dns']);
  for (const plugin of ['web', 'dns']) {
    await succeed(client, await podOf(client, 'op-install', plugin), { message: 'applied 3 objects' });
  }
  const { status } = await whenCluster(
    client,
    'op-install',
    'is Completed',
    (one) => one.status?.phase === 'Completed',
  );
  expect(status).toMatchObject({ phase: 'Completed', pluginsReady: '2/2' });
  expect(status?.plugins).toMatchObject([
    { name: 'dns', phase: 'Installed', verified: 'NotAsked', attempts: 1 },
    { name: 'web', phase: 'Installed', verified: 'NotAsked', attempts: 1 },
  ]);
  expect(status?.conditions).toMatchObject([
    { type: 'Ready', status: 'True', observedGeneration: 1 },
    { type: 'Reconciling', status: 'False' },
    { type: 'Stalled', status: 'False' },
  ]);
  const all = await jobsIn(client, 'op-install');
  expect(all).toHaveLength(2);
  for (const { metadata } of all) {
    const secret = await client.get(secrets, metadata);
    expect(secret.metadata.ownerReferences).toMatchObject([{ kind: 'Job', uid: metadata.uid }]);
    expect(Object.keys(secret.data ?? {}).sort()).toEqual(['kubeconfig', 'order.json']);
  }
});

test('a failure that no retry can mend is Failed with the output in the status, and kosmos.io/retry tries again', async () => {
  await given('op-fail', ['web']);
  const pod = await podOf(client, 'op-fail', 'web');
  await end(
    client,
    pod,
    41,
    { reason: 'VerifyTimeout', step: 'verify', message: 'never exited 0' },
    'last words',
  );
  const { status } = await whenCluster(
    client,
    'op-fail',
    'is Failed',
    (one) => one.status?.phase === 'Failed',
  );
  expect(status?.plugins?.[0]).toMatchObject({ phase: 'Failed', reason: 'VerifyTimeout' });
  expect(status?.plugins?.[0]?.message).toContain('last words');
  expect(status?.conditions?.find(({ type }) => type === 'Stalled')?.status).toBe('True');
});
