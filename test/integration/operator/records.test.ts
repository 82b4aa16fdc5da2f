import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PluginInstallation, VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { jobs, pluginInstallations, pods, virtualClusters } from '#kube/resources.ts';
import { aNamespace } from '#test/builders/manifests.ts';
import { apply, eventually, kubectl } from '#test/kubectl.ts';
import {
  clusterIn,
  connect,
  given,
  hostPlugin,
  installKinds,
  jobsIn,
  podOf,
  startOperator,
  succeed,
  whenCluster,
} from './harness.ts';

/** What outlives the wish for a plugin: its PluginInstallation. */
let client: KubeClient;
let operator: { stop: () => Promise<void> } | undefined;
const SELECTS = 'records';

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(SELECTS);
});
afterAll(() => operator?.stop());

const isCompleted = ({ status }: VirtualCluster) => status?.phase === 'Completed';

/** A cluster in a namespace of its own in which these plugins are installed. */
async function installed(namespace: string, plugins: string[]): Promise<void> {
  await given(SELECTS, namespace, plugins);
  for (const plugin of plugins) await succeed(client, await podOf(client, namespace, plugin));
  await whenCluster(client, namespace, 'is Completed', isCompleted);
}

const installation = (namespace: string, plugin: string): Promise<PluginInstallation> =>
  client.get(pluginInstallations, { namespace, name: `vc.${plugin}` });

const whenInstallation = (
  namespace: string,
  plugin: string,
  what: string,
  holds: (one: PluginInstallation) => boolean,
) =>
  eventually(
    `the installation of ${plugin} ${what}`,
    60,
    async () => {
      const one = await installation(namespace, plugin).catch(() => undefined);
      return one !== undefined && holds(one) && one;
    },
    async () => JSON.stringify(await installation(namespace, plugin), undefined, 1),
  );

const enable = (namespace: string, ...plugins: string[]) =>
  client.patch(
    virtualClusters,
    { namespace, name: 'vc' },
    {
      spec: { pluginSet: { enabled: plugins.map((name) => ({ name })) } },
    },
  );

test('every plugin of a cluster has an installation with its record, history and conditions', async () => {
  const namespace = 'op-record';
  await installed(namespace, ['web']);
  const { spec, status } = await installation(namespace, 'web');
  expect(spec).toMatchObject({
    clusterRef: { name: 'vc' },
    pluginRef: { namespace, name: 'web' },
    state: 'Present',
  });
  expect(status).toMatchObject({
    phase: 'Installed',
    installed: { kind: 'yaml', targetNamespace: 'kube-system', targetUid: 'uid-of-the-target' },
    history: [{ attempt: 1, action: 'install', reason: 'Installed' }],
  });
  expect(status?.conditions?.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
    'Ready=True',
    'Reconciling=False',
    'Stalled=False',
  ]);
  const cluster = await clusterIn(client, namespace);
  expect(cluster.status?.plugins).toMatchObject([{ name: 'web', installation: 'vc.web' }]);
  expect(cluster.status?.plugins?.[0]).not.toHaveProperty('digest');
});

test('a disabled plugin keeps its record as Orphaned, counts nowhere, and is found again when it is enabled', async () => {
  const namespace = 'op-disable';
  await installed(namespace, ['dns', 'web']);
  const { status: before } = await installation(namespace, 'web');
  await enable(namespace, 'dns');
  const { status } = await whenInstallation(
    namespace,
    'web',
    'is Orphaned',
    (one) => one.status?.phase === 'Orphaned',
  );
  expect(status?.installed).toEqual(before?.installed);
  expect(status?.message).toMatch(/its objects are still in the target cluster/);
  expect(status?.message).toMatch(/kubectl delete --ignore-not-found -f -/);
  const cluster = await whenCluster(
    client,
    namespace,
    'counts one plugin',
    (one) => one.status?.pluginsReady === '1/1',
  );
  expect(cluster.status).toMatchObject({ phase: 'Completed', plugins: [{ name: 'dns' }] });
  const jobsBefore = (await jobsIn(client, namespace)).map(({ metadata }) => metadata.uid);
  await enable(namespace, 'dns', 'web');
  await whenInstallation(namespace, 'web', 'is Installed', (one) => one.status?.phase === 'Installed');
  await whenCluster(client, namespace, 'counts two plugins', (one) => one.status?.pluginsReady === '2/2');
  expect((await installation(namespace, 'web')).status?.installed).toEqual(before?.installed);
  expect((await jobsIn(client, namespace)).map(({ metadata }) => metadata.uid)).toEqual(jobsBefore);
});

test('a plugin that is disabled while its Job runs is recorded when that Job has ended', async () => {
  const namespace = 'op-disable-early';
  await given(SELECTS, namespace, ['web']);
  const pod = await podOf(client, namespace, 'web');
  await enable(namespace);
  await whenInstallation(
    namespace,
    'web',
    'says that its Job finishes',
    (one) => one.status?.reason === 'Disabled',
  );
  await succeed(client, pod);
  const { status } = await whenInstallation(
    namespace,
    'web',
    'is Orphaned',
    (one) => one.status?.phase === 'Orphaned',
  );
  expect(status?.installed?.digest).toMatch(/^[0-9a-f]{64}$/);
});

test('a plugin that is disabled before anything of it was started leaves no installation', async () => {
  const namespace = 'op-disable-first';
  await given(SELECTS, namespace, ['web'], { pluginSources: { yaml: { path: { pvPath: 'absent:/pv' } } } });
  await whenInstallation(namespace, 'web', 'waits', (one) => one.status?.reason === 'ClaimNotFound');
  await enable(namespace);
  await eventually('the installation is gone', 60, async () => {
    const { items } = await client.list(pluginInstallations, { namespace });
    return items.length === 0;
  });
});

test('phases that somebody edits are written again, and nothing else is done because of them', async () => {
  const namespace = 'op-edit';
  await installed(namespace, ['web']);
  const before = (await jobsIn(client, namespace)).map(({ metadata }) => metadata.uid);
  for (const phase of ['Preparing', 'Failed', 'Deleting', 'AllNodeDeleted', 'Updating']) {
    const edit = { status: { phase } };
    await client.patch(virtualClusters, { namespace, name: 'vc' }, edit, { subresource: 'status' });
    await whenCluster(client, namespace, `is Completed after ${phase}`, isCompleted);
  }
  for (const phase of ['Pending', 'Failed', 'Orphaned', 'Installing']) {
    const edit = { status: { phase } };
    await client.patch(pluginInstallations, { namespace, name: 'vc.web' }, edit, { subresource: 'status' });
    await whenInstallation(
      namespace,
      'web',
      `is Installed after ${phase}`,
      (one) => one.status?.phase === 'Installed',
    );
  }
  expect((await jobsIn(client, namespace)).map(({ metadata }) => metadata.uid)).toEqual(before);
  const { items } = await client.list(pods, { namespace });
  expect(items).toHaveLength(1);
});

test('an installation that somebody deletes is created again, and installs once more', async () => {
  const namespace = 'op-forget';
  await installed(namespace, ['web']);
  const [job] = await jobsIn(client, namespace);
  await kubectl(['delete', 'pinst', '-n', namespace, 'vc.web', '--timeout=30s']);
  await eventually('a new installation', 60, async () => {
    const { items } = await client.list(pluginInstallations, { namespace });
    return items.length === 1 && items[0]?.metadata.deletionTimestamp === undefined;
  });
  await eventually('the record is there again', 60, async () => {
    const [one] = (await client.list(pluginInstallations, { namespace })).items;
    if (one?.status?.phase === 'Installed') return true;
    const { items } = await client.list(pods, { namespace });
    const pending = items.find(({ status }) => status?.phase === 'Pending');
    if (pending) await succeed(client, pending);
    return false;
  });
  expect(job).toBeDefined();
  await whenCluster(client, namespace, 'is Completed', isCompleted);
});

test('an installation of another namespace that bears the labels of a cluster is not taken for its own', async () => {
  const namespace = 'op-labels';
  await installed(namespace, ['web']);
  const own = await installation(namespace, 'web');
  await apply(aNamespace('op-labels-other'));
  const { labels } = own.metadata;
  const spec = { ...own.spec, pluginRef: { namespace: 'op-labels-other', name: 'web' } };
  const metadata = { namespace: 'op-labels-other', name: 'vc.web', ...(labels && { labels }) };
  const foreign = await client.create(pluginInstallations, { ...own, metadata, spec });
  const edit = { status: { phase: 'Failed', reason: 'Forged', message: 'forged' } };
  // It may be gone already: it belongs to no cluster of its namespace.
  await ignoreNotFound(client.patch(pluginInstallations, foreign.metadata, edit, { subresource: 'status' }));
  await kubectl(['annotate', 'vc', 'vc', '-n', namespace, 'example.com/touched=1']);
  await expect
    .poll(async () => (await clusterIn(client, namespace)).status?.phase, { timeout: 3_000, interval: 500 })
    .toBe('Completed');
  const { status } = await clusterIn(client, namespace);
  expect(status).toMatchObject({ pluginsReady: '1/1', plugins: [{ name: 'web', phase: 'Installed' }] });
});

test('an installation of a plugin from another namespace is not carried out', async () => {
  const namespace = 'op-foreign-plugin';
  await apply(aNamespace('op-foreign-source'));
  await apply(hostPlugin('op-foreign-source', 'secret'));
  await installed(namespace, ['web']);
  const own = await installation(namespace, 'web');
  const { labels } = own.metadata;
  await client.create(pluginInstallations, {
    ...own,
    metadata: { namespace, name: 'vc.secret', ...(labels && { labels }) },
    spec: { ...own.spec, pluginRef: { namespace: 'op-foreign-source', name: 'secret' } },
  });
  await eventually('it is not wanted', 60, async () => {
    const { items } = await client.list(pluginInstallations, { namespace });
    return items.every(({ metadata, spec }) => metadata.name === 'vc.web' || spec.state === 'Absent');
  });
  expect((await jobsIn(client, 'op-foreign-source')).length).toBe(0);
});

test('deletion of a VirtualCluster takes its installations with it', async () => {
  const namespace = 'op-records-gone';
  await installed(namespace, ['web']);
  await kubectl(['delete', 'vc', 'vc', '-n', namespace, '--timeout=60s']);
  expect((await client.list(pluginInstallations, { namespace })).items).toEqual([]);
  expect((await client.list(jobs, { namespace })).items).toEqual([]);
});

test('at most spec.pluginSet.maxConcurrent plugins are worked on at once, and all are installed', async () => {
  const namespace = 'op-slots';
  const plugins = ['a', 'b', 'c', 'd'];
  await given(SELECTS, namespace, []);
  await client.patch(
    virtualClusters,
    { namespace, name: 'vc' },
    { spec: { pluginSet: { maxConcurrent: 2 } } },
  );
  await given(SELECTS, namespace, plugins, {});
  await client.patch(
    virtualClusters,
    { namespace, name: 'vc' },
    { spec: { pluginSet: { maxConcurrent: 2 } } },
  );
  let most = 0;
  await eventually('all four are installed', 90, async () => {
    const { items } = await client.list(pods, { namespace });
    const pending = items.filter(({ status }) => status?.phase === 'Pending');
    most = Math.max(most, pending.length);
    const waiting = (await client.list(pluginInstallations, { namespace })).items.filter(
      ({ status }) => status?.reason === 'WaitingForSlot',
    );
    if (pending[0] && (waiting.length > 0 || items.length >= 3)) await succeed(client, pending[0]);
    return isCompleted(await clusterIn(client, namespace)) && items.length === 4;
  });
  expect(most).toBe(2);
});
