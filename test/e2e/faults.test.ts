import { beforeAll, describe, expect, test } from 'vitest';
import { aPlugin, aVirtualCluster } from '#test/builders/manifests.ts';
import { apply, eventually, kubectl, list } from '#test/kubectl.ts';
import { seededRandom } from '#test/seeded-random.ts';
import { freshStore, slowChart } from './store.ts';
import { freshNamespace, killOperators, status, untilPhase } from './world.ts';

const namespace = 'e2e-faults';
const random = seededRandom();
const KILLS = Number(process.env['PINION_E2E_KILLS'] ?? 5);
const plugins = Array.from({ length: 10 }, (_, i) => `fault-${i}`);

const chartFiles = {
  'small/Chart.yaml': 'apiVersion: v2\nname: small\nversion: 0.1.0\n',
  'small/templates/all.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }} }\ndata: { a: b }\n',
  // An operator is killed in the middle of helm.
  ...slowChart('slow', 12),
};

beforeAll(async () => {
  await freshNamespace(namespace);
  await freshStore(namespace, chartFiles);
  for (const name of plugins) {
    await apply(
      aPlugin(namespace, name, {
        targetNamespace: namespace,
        pluginSources: { chart: { storage: { pvPath: 'store-store-0:/pv/small' } } },
      }),
    );
  }
});

type Secret = { metadata: { name: string; labels?: Record<string, string> } };
const releases = async (name: string) =>
  (await list<Secret>('secrets', '-n', namespace, '-l', `owner=helm,name=${name}`)).map(({ metadata }) => ({
    revision: metadata.labels?.['version'],
    status: metadata.labels?.['status'],
  }));
const forget = async () => {
  await kubectl(['delete', 'vc', '--all', '-n', namespace, '--timeout=300s']);
  await kubectl(['delete', 'secrets', '-n', namespace, '-l', 'owner=helm']);
  await kubectl(['delete', 'configmaps', '-n', namespace, '-l', 'app.kubernetes.io/managed-by=Helm']);
};

describe('an operator that is killed at a random moment', () => {
  test.each(Array.from({ length: KILLS }, (_, i) => i))(
    'leaves every plugin installed exactly once (round %i)',
    async (i) => {
      await forget();
      await apply(aVirtualCluster(namespace, 'killed', plugins));
      await new Promise((resolve) => setTimeout(resolve, random() * 9000));
      await killOperators();
      const done = await untilPhase(namespace, 'killed', 'Completed', 180);
      expect(done.pluginsReady, `round ${i}`).toBe('10/10');
      for (const name of plugins)
        expect(await releases(name), name).toEqual([{ revision: '1', status: 'deployed' }]);
    },
  );
});

test('no executor runs while the webhook is down, and everything completes when it is back', async () => {
  await forget();
  const scale = (replicas: number) =>
    kubectl(['scale', 'deployment/pinion-webhook', '-n', 'pinion-system', `--replicas=${replicas}`]);
  await scale(0);
  try {
    const selector = ['-n', 'pinion-system', '-l', 'app.kubernetes.io/component=webhook'];
    await eventually('the webhook is gone', 180, async () => (await list('pods', ...selector)).length === 0);
    await apply(aVirtualCluster(namespace, 'unhooked', plugins));
    await eventually('every plugin says that the webhook is away', 120, async () => {
      const { plugins: entries = [] } = (await status(namespace, 'unhooked')) ?? {};
      const waiting = entries.filter(
        ({ reason }) => reason === 'WebhookUnavailable' || reason === 'WaitingForSlot',
      );
      return waiting.length === plugins.length;
    });
    expect(await list('pods', '-n', namespace, '-l', 'app.kubernetes.io/component=plugin-executor')).toEqual(
      [],
    );
  } finally {
    await scale(2);
  }
  await untilPhase(namespace, 'unhooked', 'Completed', 180);
});

test('a release whose executor is killed in the middle of helm is recovered, and nothing stays pending', async () => {
  await forget();
  const image = await kubectl([
    'get',
    'pod/store-0',
    '-n',
    namespace,
    '-o',
    'jsonpath={.spec.containers[0].image}',
  ]);
  await apply(
    aPlugin(namespace, 'slow', {
      targetNamespace: namespace,
      pluginSources: { chart: { storage: { pvPath: 'store-store-0:/pv/slow' }, values: { image } } },
    }),
  );
  await apply(aVirtualCluster(namespace, 'slow', ['slow']));
  await eventually('the release is pending', 180, async () =>
    (await releases('slow')).some((one) => one.status === 'pending-install'),
  );
  const pod = ['-l', 'kosmos.io/cluster-name=slow', '-n', namespace, '--field-selector=status.phase=Running'];
  await kubectl(['delete', 'pods', ...pod, '--grace-period=0', '--force', '--wait=false']);
  const done = await untilPhase(namespace, 'slow', 'Completed', 240);
  expect(done.pluginsReady).toBe('1/1');
  expect((await releases('slow')).filter((one) => one.status !== 'superseded')).toEqual([
    expect.objectContaining({ status: 'deployed' }),
  ]);
});
