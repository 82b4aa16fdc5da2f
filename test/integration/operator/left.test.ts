import { afterAll, beforeAll, expect, test } from 'vitest';
import { workOrder } from '#api/contract/work-order.ts';
import type { KubeClient } from '#kube/client.ts';
import { pluginInstallations, secrets, virtualClusterPlugins } from '#kube/resources.ts';
import { eventually, kubectl } from '#test/kubectl.ts';
import { connect, given, installKinds, podOf, startOperator, succeed, whenCluster } from './harness.ts';

/** What a plugin leaves in the target when it changes. */
let client: KubeClient;
let operator: { stop: () => Promise<void> } | undefined;
const SELECTS = 'left';

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(SELECTS);
});
afterAll(() => operator?.stop());

const statusOf = async (namespace: string) =>
  (await client.get(pluginInstallations, { namespace, name: 'vc.web' })).status;

const whenMessage = (namespace: string, says: RegExp) =>
  whenCluster(client, namespace, `says ${says}`, ({ status }) =>
    says.test(status?.plugins?.[0]?.message ?? ''),
  );

const whenWarned = (namespace: string, says: RegExp) =>
  eventually(`an event says ${says}`, 30, async () =>
    says.test(
      await kubectl([
        'get',
        'events',
        '-n',
        namespace,
        '-o',
        'jsonpath={range .items[*]}{.type} {.reason} {.message};{end}',
      ]),
    ),
  );

const change = (namespace: string, spec: object) =>
  client.patch(virtualClusterPlugins, { namespace, name: 'web' }, { spec });

test('a plugin that moves says where it was and what removes it, until a report says that nothing is there', async () => {
  const namespace = 'op-moves';
  await given(SELECTS, namespace, ['web'], {
    targetNamespace: 'old',
    pluginSources: { chart: { storage: { hostPath: '/opt/web' } } },
  });
  const first = await podOf(client, namespace, 'web');
  await succeed(client, first, { message: 'one', revision: 1 });
  await whenMessage(namespace, /^one$/);
  await change(namespace, { targetNamespace: 'new' });
  const second = await podOf(client, namespace, 'web', first.metadata.uid);
  const job = second.metadata.ownerReferences?.[0]?.name ?? '';
  const { data = {} } = await client.get(secrets, { namespace, name: job });
  const order = workOrder.parse(JSON.parse(Buffer.from(data['order.json'] ?? '', 'base64').toString()));
  expect(order.former).toEqual([{ kind: 'chart', targetNamespace: 'old', release: 'web' }]);
  await succeed(client, second, {
    message: 'two',
    revision: 1,
    former: [{ at: 0, shared: false }],
  });
  await whenMessage(
    namespace,
    /^two; Helm release web \(revision 1\) is still in namespace old .* helm uninstall web -n old$/,
  );
  expect((await statusOf(namespace))?.former).toMatchObject([
    { kind: 'chart', targetNamespace: 'old', release: 'web' },
  ]);
  await whenWarned(namespace, /Warning LeftBehind plugin web: Helm release web .* helm uninstall web -n old/);
  await change(namespace, { version: '2' });
  await succeed(client, await podOf(client, namespace, 'web', second.metadata.uid), {
    message: 'three',
    former: [],
  });
  await whenMessage(namespace, /^three$/);
  expect(await statusOf(namespace)).not.toHaveProperty('former');
});

test('objects that a plugin no longer has are in its status until a report has none', async () => {
  const namespace = 'op-left';
  await given(SELECTS, namespace, ['web']);
  const first = await podOf(client, namespace, 'web');
  const left = { count: 2, objects: ['ConfigMap apps/settings-1', 'Service apps/sidecar'] };
  await succeed(client, first, { message: 'one', left });
  await whenMessage(namespace, /^one$/);
  expect((await statusOf(namespace))?.left).toEqual(left);
  await whenWarned(namespace, /Warning LeftBehind plugin web: 2 objects .* Service apps\/sidecar/);
  await change(namespace, { version: '2' });
  const second = await podOf(client, namespace, 'web', first.metadata.uid);
  expect((await statusOf(namespace))?.left).toEqual(left);
  await succeed(client, second, { message: 'two' });
  await whenMessage(namespace, /^two$/);
  expect(await statusOf(namespace)).not.toHaveProperty('left');
});
