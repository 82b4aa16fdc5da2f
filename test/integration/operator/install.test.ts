import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { configMaps, pods, secrets, virtualClusterPlugins, virtualClusters } from '#kube/resources.ts';
import { apply, eventually, kubectl, WITHIN_A_MINUTE } from '#test/kubectl.ts';
import {
  clusterIn,
  connect,
  end,
  given,
  hostPlugin,
  installKinds,
  jobsIn,
  podOf,
  startOperator,
  succeed,
  whenCluster,
} from './harness.ts';

let client: KubeClient;
let operator: { stop: () => Promise<void> };
const LABEL = 'install';
const isIn = (phase: string) => (cluster: VirtualCluster) => cluster.status?.phase === phase;

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(LABEL);
});
afterAll(() => operator?.stop());

test('every plugin gets one Job with its Secret, and when all have succeeded the cluster is Completed', async () => {
  const namespace = 'op-install';
  await given(LABEL, namespace, ['web', 'dns']);
  for (const plugin of ['web', 'dns']) {
    await succeed(client, await podOf(client, namespace, plugin), { message: 'applied 3 objects' });
  }
  const { status } = await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
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
  const all = await jobsIn(client, namespace);
  expect(all).toHaveLength(2);
  for (const { metadata } of all) {
    const secret = await client.get(secrets, metadata);
    expect(secret.metadata.ownerReferences).toMatchObject([{ kind: 'Job', uid: metadata.uid }]);
    expect(Object.keys(secret.data ?? {}).sort()).toEqual(['kubeconfig', 'order.json']);
  }
  await eventually('usedBy is 1', 90, async () => {
    const plugin = await client.get(virtualClusterPlugins, { namespace, name: 'web' });
    return plugin.status?.usedBy === 1 && plugin.status.source === 'yaml/hostPath';
  });
  const events = () => kubectl(['get', 'events', '-n', namespace, '-o', 'jsonpath={.items[*].reason}']);
  await expect
    .poll(async () => (await events()).split(' '), WITHIN_A_MINUTE)
    .toEqual(expect.arrayContaining(['PluginInstalled', 'Completed']));
});

test('a failure that no retry can mend is Failed with its output, and kosmos.io/retry tries again', async () => {
  const namespace = 'op-fail';
  await given(LABEL, namespace, ['web']);
  const pod = await podOf(client, namespace, 'web');
  await end(client, pod, 41, { reason: 'VerifyTimeout', message: 'never exited 0' }, 'last words');
  const { status } = await whenCluster(client, namespace, 'is Failed', isIn('Failed'));
  expect(status?.plugins?.[0]).toMatchObject({ phase: 'Failed', reason: 'VerifyTimeout' });
  expect(status?.plugins?.[0]?.message).toContain('last words');
  expect(status?.conditions?.find(({ type }) => type === 'Stalled')?.status).toBe('True');
  await kubectl(['annotate', 'vc', 'vc', '-n', namespace, `${ANNOTATION.retry}=1`]);
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
  expect(await jobsIn(client, namespace)).toHaveLength(1);
});

test('an attempt that can be mended is retried by its Job, and the status says so meanwhile', async () => {
  const namespace = 'op-again';
  await given(LABEL, namespace, ['web']);
  const first = await podOf(client, namespace, 'web');
  await end(client, first, 32, { reason: 'TargetUnreachable', message: 'no route' });
  await whenCluster(client, namespace, 'says that it is retried', (one) => {
    const [plugin] = one.status?.plugins ?? [];
    return plugin?.phase === 'Installing' && plugin.reason === 'TargetUnreachable';
  });
  await succeed(client, await podOf(client, namespace, 'web'));
  const { status } = await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
  expect(status?.plugins?.[0]?.attempts).toBe(2);
  // Neither pod ran, so there is no log to read: what is kept says so, for each of the attempts.
  await eventually('both attempts are kept', 90, async () => {
    const { items } = await client.list(configMaps, {
      namespace,
      labelSelector: 'kosmos.io/plugin-name=web',
    });
    return items.length === 2;
  });
});

test('a changed plugin is installed anew and the Job of before is gone', async () => {
  const namespace = 'op-change';
  await given(LABEL, namespace, ['web']);
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
  const [before] = await jobsIn(client, namespace);
  const name = { namespace, name: 'web' };
  await client.patch(virtualClusterPlugins, name, { spec: { description: 'only words' } });
  await client.patch(virtualClusterPlugins, name, { spec: { version: '2' } });
  await whenCluster(client, namespace, 'is Updating', isIn('Updating'));
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
  const after = await eventually('one Job is left', 90, async () => {
    const all = await jobsIn(client, namespace);
    return all.length === 1 && all;
  });
  expect(after[0]?.metadata.name).not.toBe(before?.metadata.name);
});

test('an installed plugin whose Job is deleted is not installed again', async () => {
  const namespace = 'op-gone';
  await given(LABEL, namespace, ['web']);
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
  await kubectl(['delete', 'job', '--all', '-n', namespace]);
  await kubectl(['annotate', 'vc', 'vc', '-n', namespace, 'touch=it']);
  const { metadata } = await clusterIn(client, namespace);
  // A change that the operator answers shows that it has looked.
  await client.patch(virtualClusters, metadata, { spec: { suspend: true } });
  await whenCluster(client, namespace, 'was seen', (one) => one.status?.observedGeneration === 2);
  expect(await jobsIn(client, namespace)).toEqual([]);
  expect((await clusterIn(client, namespace)).status?.phase).toBe('Completed');
});

test('while spec.suspend is true nothing is started', async () => {
  const namespace = 'op-suspend';
  await given(LABEL, namespace, []);
  await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
  const { metadata } = await clusterIn(client, namespace);
  await client.patch(virtualClusters, metadata, { spec: { suspend: true } });
  await apply(hostPlugin(namespace, 'web'));
  await client.patch(virtualClusters, metadata, { spec: { pluginSet: { enabled: [{ name: 'web' }] } } });
  const { status } = await whenCluster(client, namespace, 'waits', isIn('AllNodeReady'));
  expect(status).toMatchObject({ reason: 'Suspended', plugins: [{ phase: 'Pending', reason: 'Suspended' }] });
  expect(await jobsIn(client, namespace)).toEqual([]);
  await client.patch(virtualClusters, metadata, { spec: { suspend: false } });
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', isIn('Completed'));
});

test('deletion of the VirtualCluster leaves no Job, Secret or ConfigMap of ours', async () => {
  const namespace = 'op-delete';
  await given(LABEL, namespace, ['web', 'dns']);
  await succeed(client, await podOf(client, namespace, 'web'));
  await podOf(client, namespace, 'dns');
  await whenCluster(
    client,
    namespace,
    'has web',
    ({ status }) =>
      status?.plugins?.some(({ name, phase }) => name === 'web' && phase === 'Installed') === true,
  );
  // Somebody tidies up, and leaves the pod.
  const [web] = (await jobsIn(client, namespace)).filter(({ metadata }) => metadata.name.includes('web'));
  await kubectl(['delete', 'job', web?.metadata.name ?? '', '-n', namespace, '--cascade=orphan']);
  await kubectl(['delete', 'vc', 'vc', '-n', namespace, '--wait=false']);
  await eventually('the VirtualCluster is gone', 90, async () => {
    const { items } = await client.list(virtualClusters, { namespace });
    return items.length === 0;
  });
  const labelSelector = 'app.kubernetes.io/component=plugin-executor';
  for (const kind of [secrets, configMaps, pods]) {
    expect((await client.list(kind as typeof pods, { namespace, labelSelector })).items).toEqual([]);
  }
  expect(await jobsIn(client, namespace)).toEqual([]);
});
