import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { ReasonedError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { writeKubeconfig } from '#api/kubeconfig.ts';
import type { KubeClient } from '#kube/client.ts';
import { type Job, type Pod, pods, secrets } from '#kube/resources.ts';
import { aSecret } from '#test/builders/manifests.ts';
import { apply, eventually, kubectl } from '#test/kubectl.ts';
import {
  connect,
  end,
  given,
  installKinds,
  jobsIn,
  podOf,
  startOperator,
  succeed,
  type TargetSwitch,
  whenCluster,
} from './harness.ts';

let client: KubeClient;
let operator: { stop: () => Promise<void> };
const target: TargetSwitch = {};
const LABEL = 'passing';
const isIn = (phase: string) => (cluster: VirtualCluster) => cluster.status?.phase === phase;
const conditionOf = ({ status }: VirtualCluster, type: string) =>
  status?.conditions?.find((one) => one.type === type);
const away = () => new ReasonedError('TargetUnreachable', 'https://203.0.113.10:6443 does not answer');

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(LABEL, { target });
});
afterAll(() => operator?.stop());

const withToken = (namespace: string, token: string) =>
  aSecret(namespace, 'target', {
    kubeconfig: writeKubeconfig({ server: 'https://203.0.113.10:6443', insecureSkipTlsVerify: false, token }),
  });

/** What the pods of a Job get. */
async function orderOf({ metadata }: Job): Promise<{ kubeconfig: string; order: WorkOrder }> {
  const { data = {} } = await client.get(secrets, metadata);
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  return { kubeconfig: text('kubeconfig'), order: JSON.parse(text('order.json')) };
}

/** As the kubelet does while a container that somebody injected runs on. */
async function endBesideSidecar(pod: Pod, exitCode: number, reason: string): Promise<void> {
  const finishedAt = new Date().toISOString().replace(/\.\d+Z/, 'Z');
  const message = JSON.stringify({ step: 'install', reason, message: 'said so' });
  const of = { ready: false, restartCount: 0, image: 'x', imageID: 'x' };
  const terminated = { exitCode, message, startedAt: finishedAt, finishedAt };
  const containerStatuses = [
    { ...of, name: 'executor', state: { terminated } },
    { ...of, name: 'mesh-proxy', state: { running: { startedAt: finishedAt } } },
  ];
  const status = { phase: 'Running', containerStatuses };
  await client.patch(pods, pod.metadata, { status }, { subresource: 'status' });
}

test('the next attempt gets the newest credentials and what is left of the time', async () => {
  const namespace = 'op-newest';
  await given(LABEL, namespace, ['web'], { timeout: '10m' });
  const first = await podOf(client, namespace, 'web');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await end(client, first, 32, { reason: 'TargetUnreachable', message: 'no route' });
  await apply(withToken(namespace, 'newer-token'));
  const [job] = await jobsIn(client, namespace);
  const { order } = await eventually('the Secret of the Job is renewed', 30, async () => {
    const found = job && (await orderOf(job));
    return found?.kubeconfig.includes('newer-token') && found;
  });
  expect(order.timeoutMs).toBeLessThan(600_000);
  expect(order.timeoutMs).toBeGreaterThan(500_000);
  await succeed(client, await podOf(client, namespace, 'web', first.metadata.uid));
  await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
});

test('an install whose credentials expire goes on by itself once they are replaced', async () => {
  const namespace = 'op-expired';
  await given(LABEL, namespace, ['web']);
  const first = await podOf(client, namespace, 'web');
  target.unreachable = new ReasonedError('TargetUnauthorized', 'the credentials have expired');
  await end(client, first, 34, { reason: 'TargetUnauthorized', message: 'expired' });
  const waiting = await whenCluster(
    client,
    namespace,
    'waits for credentials',
    ({ status }) =>
      status?.phase === 'Preparing' && status.plugins?.[0]?.message === 'the credentials have expired',
  );
  expect(conditionOf(waiting, 'Stalled')?.status).toBe('False');
  expect(conditionOf(waiting, 'Reconciling')).toMatchObject({ status: 'True', reason: 'TargetUnauthorized' });
  await apply(withToken(namespace, 'fresh-token'));
  target.unreachable = undefined;
  const second = await podOf(client, namespace, 'web', first.metadata.uid);
  const [job] = (await jobsIn(client, namespace)).filter(
    ({ metadata }) => metadata.uid === second.metadata.ownerReferences?.[0]?.uid,
  );
  expect(job && (await orderOf(job)).kubeconfig).toContain('fresh-token');
  await succeed(client, second);
  const { status } = await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
  expect(status?.plugins?.[0]?.attempts).toBe(2);
  await eventually(
    'the Job of before is gone',
    30,
    async () => (await jobsIn(client, namespace)).length === 1,
  );
});

test('when spec.timeout is over a failure that may pass is Failed, not Stalled, and tried again when it has passed', async () => {
  const namespace = 'op-over';
  await given(LABEL, namespace, ['web'], { timeout: '12s' });
  const first = await podOf(client, namespace, 'web');
  await end(client, first, 32, { reason: 'TargetUnreachable', message: 'no route' });
  target.unreachable = away();
  const failed = await whenCluster(client, namespace, 'is Failed', isIn('Failed'));
  expect(conditionOf(failed, 'Stalled')?.status).toBe('False');
  expect(conditionOf(failed, 'Reconciling')?.status).toBe('True');
  expect(failed.status?.plugins?.[0]).toMatchObject({ phase: 'Failed', reason: 'TargetUnreachable' });
  expect(failed.status?.plugins?.[0]?.message).toMatch(
    /^no route\. spec\.timeout \(12 s\) is over; Pinion tries again (at .*Z|once this has passed)$/,
  );
  await eventually('the Job has ended', 30, async () => {
    const [job] = await jobsIn(client, namespace);
    return job?.status?.conditions?.some(({ type, status }) => type === 'Failed' && status === 'True');
  });
  await new Promise((resolve) => setTimeout(resolve, 61_000));
  expect(await jobsIn(client, namespace)).toHaveLength(1);
  target.unreachable = undefined;
  const next = await podOf(client, namespace, 'web', first.metadata.uid);
  await succeed(client, next);
  await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
}, 240_000);

test('a plugin whose executor has succeeded is Installed although a sidecar keeps its pod, and the Job is taken away', async () => {
  const namespace = 'op-sidecar-done';
  await given(LABEL, namespace, ['web']);
  await endBesideSidecar(await podOf(client, namespace, 'web'), 0, 'Succeeded');
  const { status } = await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
  expect(status?.plugins?.[0]?.message).toBe(
    'said so; container mesh-proxy, which Pinion did not add, kept the pod running, so its Job is deleted',
  );
  await eventually('the Job is gone', 30, async () => (await jobsIn(client, namespace)).length === 0);
  await eventually('an event names the container', 30, async () =>
    (await kubectl(['get', 'events', '-n', namespace, '-o', 'jsonpath={.items[*].message}'])).includes(
      'container mesh-proxy, which Pinion did not add, kept pod',
    ),
  );
});

test('an attempt that failed is really tried again although a sidecar keeps its pod', async () => {
  const namespace = 'op-sidecar-failed';
  await given(LABEL, namespace, ['web']);
  const first = await podOf(client, namespace, 'web');
  await endBesideSidecar(first, 31, 'ApplyFailed');
  await eventually('the pod is ended', 30, async () => {
    const { items } = await client.list(pods, { namespace });
    const found = items.find(({ metadata }) => metadata.uid === first.metadata.uid);
    return found === undefined || found.metadata.deletionTimestamp !== undefined;
  });
});
