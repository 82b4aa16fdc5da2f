import { expect, test } from 'vitest';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { get, kubectl } from '#test/kubectl.ts';
import { aPluginOfTeam, createPod, type Meta } from './pod.ts';

const map = (name: string, data: Record<string, string>) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

async function run(order: Partial<WorkOrder> & Pick<WorkOrder, 'install'>, sources: Record<string, string>) {
  const pod = await createPod();
  await pod.sources(sources);
  await pod.order(order);
  return pod.start('run').ended;
}

const applyManifests = (plugin: string, targetNamespace: string, ...objects: string[]) =>
  run(
    {
      plugin: aPluginOfTeam(plugin),
      targetNamespace,
      install: { kind: 'yaml', source: { slot: 'yaml', path: '' } },
    },
    { 'yaml/all.yaml': objects.join('\n---\n') },
  );

const installChart = (
  plugin: string,
  targetNamespace: string,
  objects: string[],
  more: Partial<WorkOrder> & { releaseName?: string } = {},
) => {
  const { releaseName = plugin, ...order } = more;
  return run(
    {
      plugin: aPluginOfTeam(plugin),
      targetNamespace,
      ...order,
      install: {
        kind: 'chart',
        chart: { slot: 'chart', path: '' },
        releaseName,
        valuesFiles: [],
        wait: false,
      },
    },
    {
      'chart/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
      'chart/templates/all.yaml': objects.join('\n---\n'),
    },
  );
};

const dataOf = async (name: string, namespace: string) =>
  (await get<Meta>('configmap', name, namespace))?.data;

test('manifests that become a chart of the same plugin are taken over, without the fields that they alone had', async () => {
  await applyManifests('moved', 'over-moved', map('one', { from: 'manifests', old: '1' }), map('rest', {}));
  const { report, log } = await installChart('moved', 'over-moved', [map('one', { from: 'chart' })]);
  expect(report, log).toMatchObject({
    reason: 'Succeeded',
    message: expect.stringContaining('release moved'),
    revision: 1,
  });
  expect(await dataOf('one', 'over-moved')).toEqual({ from: 'chart' });
  const again = await installChart('moved', 'over-moved', [
    map('one', { from: 'chart' }),
    map('rest', { a: '1' }),
  ]);
  expect(again.report, again.log).toMatchObject({ reason: 'Succeeded', revision: 2 });
  expect(await dataOf('rest', 'over-moved')).toEqual({ a: '1' });
  await kubectl(['get', 'configmap', 'one', 'rest', '-n', 'over-moved']);
});

test('a chart that has its own namespace takes over the one that Pinion made', async () => {
  const namespace = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'over-namespace', labels: { team: 'a' } },
  });
  const { report, log } = await installChart('namespaced', 'over-namespace', [namespace]);
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect(await get('namespace', 'over-namespace', '')).toMatchObject({ metadata: { labels: { team: 'a' } } });
});

test('objects of somebody else are refused with the field that allows it, and taken over when it is set', async () => {
  await kubectl(['create', 'namespace', 'over-foreign']);
  await kubectl(['create', 'configmap', 'theirs', '-n', 'over-foreign', '--from-literal=from=hand']);
  const objects = [map('theirs', { from: 'chart' })];
  const first = await installChart('foreign', 'over-foreign', objects);
  expect(first.report, first.log).toMatchObject({ reason: 'ApplyRejected' });
  expect(first.report?.message).toMatch(
    /^ConfigMap over-foreign\/theirs exists and was not made by this plugin\. Delete it, or set spec\.takeOwnership: true/,
  );
  expect(await dataOf('theirs', 'over-foreign')).toEqual({ from: 'hand' });
  const second = await installChart('foreign', 'over-foreign', objects, { takeOwnership: true });
  expect(second.report, second.log).toMatchObject({ reason: 'Succeeded' });
  expect(await dataOf('theirs', 'over-foreign')).toEqual({ from: 'chart' });
});

test('a chart is refused what the manifests of another plugin have, also with takeOwnership', async () => {
  await applyManifests('over-a', 'over-rival', map('one', { from: 'a' }));
  const { report } = await installChart('over-b', 'over-rival', [map('one', { from: 'b' })], {
    takeOwnership: true,
  });
  expect(report?.reason).toBe('ObjectOwnedByPlugin');
  expect(report?.message).toContain(
    'ConfigMap over-rival/one belongs to plugin team/over-a, and the chart of plugin team/over-b has it as well',
  );
  expect(await dataOf('one', 'over-rival')).toEqual({ from: 'a' });
});

test('a chart is refused what the release of another plugin has, with the name of that plugin', async () => {
  await installChart('release-a', 'over-release', [map('one', { from: 'a' })]);
  const { report } = await installChart('release-b', 'over-release', [map('one', { from: 'b' })], {
    takeOwnership: true,
  });
  expect(report?.reason).toBe('ObjectOwnedByPlugin');
  expect(report?.message).toContain('belongs to plugin team/release-a');
});

test('manifests are refused a field that the chart of another plugin has set', async () => {
  await installChart('chart-c', 'over-chart', [map('one', { from: 'c' })]);
  const { report } = await applyManifests('yaml-d', 'over-chart', map('one', { from: 'd' }));
  expect(report?.reason).toBe('ObjectOwnedByPlugin');
  expect(report?.message).toContain('plugins team/chart-c and team/yaml-d both set .data.from');
});

test('a chart of the same plugin that becomes manifests is overruled by them', async () => {
  await installChart('back', 'over-back', [map('one', { from: 'chart' })]);
  const { report, log } = await applyManifests('back', 'over-back', map('one', { from: 'manifests' }));
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect(await dataOf('one', 'over-back')).toEqual({ from: 'manifests' });
});

test('another release name of the same plugin names the release that has the objects, and what to do', async () => {
  await installChart('renamed', 'over-renamed', [map('one', {})]);
  const { report } = await installChart('renamed', 'over-renamed', [map('one', {})], {
    releaseName: 'other',
  });
  expect(report?.reason).toBe('ApplyRejected');
  expect(report?.message).toMatch(
    /^ConfigMap over-renamed\/one belongs to Helm release renamed in namespace over-renamed\. Uninstall that release \(helm uninstall renamed -n over-renamed\)/,
  );
});

test('former places that still hold something are reported, and those that do not are cleaned up', async () => {
  await installChart('former', 'over-old', [map('one', {})]);
  await applyManifests('former', 'over-mid', map('kept', {}));
  await applyManifests('former', 'over-gone', map('gone', {}));
  await kubectl(['delete', 'configmap', 'gone', '-n', 'over-gone']);
  const former: WorkOrder['former'] = [
    { kind: 'chart', targetNamespace: 'over-old', release: 'former' },
    { kind: 'yaml', targetNamespace: 'over-mid' },
    { kind: 'yaml', targetNamespace: 'over-gone' },
    { kind: 'chart', targetNamespace: 'over-mid', release: 'never' },
  ];
  const { report, log } = await installChart('former', 'over-new', [map('one', {})], { former });
  expect(report, log).toMatchObject({
    reason: 'Succeeded',
    former: [
      { at: 0, shared: false },
      { at: 1, shared: false },
    ],
  });
  expect(
    await kubectl([
      'get',
      'configmap',
      '-n',
      'over-gone',
      '-l',
      'app.kubernetes.io/managed-by=pinion',
      '-o',
      'name',
    ]),
  ).toBe('');
});

test('manifests that a chart has taken over leave nothing, and what it lacks is still reported', async () => {
  const former: WorkOrder['former'] = [{ kind: 'yaml', targetNamespace: 'over-part' }];
  await applyManifests('part', 'over-part', map('one', {}), map('rest', {}));
  const first = await installChart('part', 'over-part', [map('one', {})], { former });
  expect(first.report, first.log).toMatchObject({ reason: 'Succeeded', former: [{ at: 0, shared: false }] });
  const second = await installChart('part', 'over-part', [map('one', {}), map('rest', {})], { former });
  expect(second.report, second.log).toMatchObject({ reason: 'Succeeded', former: [] });
});

test('a release whose objects the manifests of the plugin have now is reported as shared', async () => {
  await installChart('shared', 'over-shared', [map('one', {})]);
  const pod = await createPod();
  await pod.sources({ 'yaml/all.yaml': map('one', { a: '1' }) });
  await pod.order({
    plugin: aPluginOfTeam('shared'),
    targetNamespace: 'over-shared',
    former: [{ kind: 'chart', targetNamespace: 'over-shared', release: 'shared' }],
    install: { kind: 'yaml', source: { slot: 'yaml', path: '' } },
  });
  const { report, log } = await pod.start('run').ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', former: [{ at: 0, shared: true }] });
});
