import { beforeAll, describe, expect, test } from 'vitest';
import { aPlugin, aVirtualCluster } from '#test/builders/manifests.ts';
import { keptLogs } from '#test/kept-logs.ts';
import { apply, eventually, kubectl, list } from '#test/kubectl.ts';
import { freshStore } from './store.ts';
import { freshNamespace, untilPhase, untilPlugin } from './world.ts';

const namespace = 'e2e-success';

const configMap = (name: string) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } });

beforeAll(async () => {
  await freshNamespace(namespace);
  await freshStore(namespace, {
    'plain.yaml': configMap('plain'),
    // The API server refuses this one: a Service needs ports that are numbers from 1 to 65535.
    'refused.yaml': JSON.stringify({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'impossible' },
      spec: { ports: [{ port: 70000 }] },
    }),
    'unknown.yaml': JSON.stringify({
      apiVersion: 'nobody.example/v1',
      kind: 'Nothing',
      metadata: { name: 'x' },
    }),
    'kustomized/kustomization.yaml': 'resources: [plain.yaml]\n',
    'kustomized/plain.yaml': configMap('kustomized'),
    'broken/Chart.yaml': 'apiVersion: v2\nname: broken\nversion: 0.1.0\n',
    'broken/templates/broken.yaml': '{{ required "size is needed" .Values.size }}\n',
  });
});

const plain = { pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/plain.yaml' } } } };

async function equip(name: string, spec: object): Promise<void> {
  await apply(aPlugin(namespace, name, { targetNamespace: namespace, ...spec }));
  await apply(aVirtualCluster(namespace, name, [name]));
}

describe('a success command', () => {
  test('that succeeds after 30 s completes the plugin then, and not before', async () => {
    const ready = Math.floor(Date.now() / 1000) + 30;
    await equip('late', { ...plain, successStateCommand: `test $(date +%s) -ge ${ready}` });
    const { plugins } = await untilPhase(namespace, 'late', 'Completed', 240);
    expect(plugins?.[0]?.verified).toBe('Yes');
    const end = Date.parse(plugins?.[0]?.completionTime ?? '') / 1000;
    expect(end).toBeGreaterThanOrEqual(ready - 1);
  });

  test('that never succeeds makes the plugin Failed, with its last output in the status', async () => {
    const successStateCommand = 'echo the moon is not full; exit 3';
    await equip('never', { ...plain, successStateCommand, successStateTimeout: '8s' });
    const { plugins } = await untilPhase(namespace, 'never', 'Failed', 240);
    expect(plugins?.[0]).toMatchObject({ reason: 'VerifyTimeout', verified: 'No', phase: 'Failed' });
    expect(plugins?.[0]?.message).toContain('the moon is not full');
  });

  test('that is absent leaves the plugin installed and NotAsked', async () => {
    await equip('unverified', plain);
    const { plugins } = await untilPhase(namespace, 'unverified', 'Completed', 240);
    expect(plugins?.[0]?.verified).toBe('NotAsked');
  });
});

describe('a terminal error makes the plugin Failed at the first attempt:', () => {
  const cases: [string, object, string, RegExp][] = [
    [
      'a chart that does not render',
      { pluginSources: { chart: { storage: { pvPath: 'store-store-0:/pv/broken' } } } },
      'RenderFailed',
      /size is needed/,
    ],
    [
      'a yaml that the target refuses',
      { pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/refused.yaml' } } } },
      'ApplyRejected',
      /impossible.*70000|70000.*impossible/s,
    ],
    [
      'a yaml source that holds a kustomization',
      { pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/kustomized' } } } },
      'SourceInvalid',
      /kustomize/,
    ],
    [
      'a path that is not in the volume',
      { pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/nowhere.yaml' } } } },
      'SourceInvalid',
      /nowhere\.yaml/,
    ],
  ];
  test.each(cases)('%s', async (what, spec, reason, message) => {
    const name = what.replaceAll(/[^a-z]+/g, '-').slice(0, 40);
    await equip(name, spec);
    const plugin = await untilPlugin(namespace, name, name, 240, ({ phase }) => phase === 'Failed');
    expect(plugin.reason).toBe(reason);
    expect(plugin.message).toMatch(message);
    const pods = await list('pods', '-n', namespace, '-l', `kosmos.io/cluster-name=${name}`);
    expect(pods).toHaveLength(1);
  });
});

test('manifests of a kind that the target does not know yet are retried', async () => {
  await equip('unknown', { pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/unknown.yaml' } } } });
  const plugin = await untilPlugin(
    namespace,
    'unknown',
    'unknown',
    240,
    ({ reason }) => reason === 'ApplyFailed',
  );
  expect(plugin.message).toMatch(/Nothing x .*CustomResourceDefinition/);
  expect(plugin.phase).toBe('Installing');
});

test('the log of a finished attempt outlives its pod', async () => {
  await equip('logged', plain);
  const { plugins } = await untilPhase(namespace, 'logged', 'Completed', 240);
  const log = await kubectl([
    'logs',
    '-n',
    namespace,
    `job/${plugins?.[0]?.job?.split('/')[1]}`,
    '--all-containers',
  ]);
  expect(log).toContain('install');
  const ofCluster = ['-n', namespace, '-l', 'kosmos.io/cluster-name=logged'];
  const isKept = async () =>
    (await list<{ binaryData?: Record<string, string> }>('configmaps', ...ofCluster)).some((kept) =>
      Object.values(keptLogs(kept)).join('\n').includes('install'),
    );
  await eventually('its log is kept', 60, isKept);
  await kubectl(['delete', 'pods', ...ofCluster]);
  expect(await isKept()).toBe(true);
});
