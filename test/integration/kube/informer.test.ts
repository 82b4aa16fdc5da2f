import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { KubeClient } from '#kube/client.ts';
import { type Connection, kubeconfigConnection } from '#kube/connection.ts';
import { Informer } from '#kube/informer.ts';
import { eventually } from '#test/kubectl.ts';
import { type ConfigMap, configMaps, namespaces } from './core.ts';
import { startProxy } from './proxy.ts';

let connection: Connection;
let client: KubeClient;
const namespace = 'kube-informer';
const stop = new AbortController();

beforeAll(async () => {
  connection = await kubeconfigConnection(inject('kubeconfig'));
  client = new KubeClient(connection);
  await client.create(namespaces, { metadata: { name: namespace } });
});
afterAll(() => stop.abort());

function start(through: KubeClient, run: string, idleTimeoutMs = 90_000) {
  const seen: string[] = [];
  const informer = new Informer<ConfigMap>({
    client: through,
    resource: configMaps,
    namespace,
    labelSelector: `run=${run}`,
    idleTimeoutMs,
    indexers: { colour: ({ data }) => [data?.['colour'] ?? 'none'] },
  });
  informer.onChange(({ type, object }) => seen.push(`${type} ${object.metadata.name}`));
  void informer.run(stop.signal);
  return { informer, seen };
}

const write = (run: string, name: string, colour: string) =>
  client.patch(
    configMaps,
    { namespace, name },
    { metadata: { name, namespace, labels: { run } }, data: { colour } },
    { form: 'apply' },
  );

async function throughProxy() {
  const { hostname, port } = new URL(connection.server);
  const proxy = await startProxy({ host: hostname, port: Number(port) });
  return { proxy, through: new KubeClient({ ...connection, server: `https://127.0.0.1:${proxy.port}` }) };
}

test('the cache, its indexes and the handlers follow what happens', async () => {
  await write('follow', 'a', 'red');
  const { informer, seen } = start(client, 'follow');
  await informer.synced();
  expect(seen).toEqual(['added a']);
  await write('follow', 'b', 'red');
  await write('follow', 'a', 'blue');
  await client.delete(configMaps, { namespace, name: 'b' });
  await eventually('all changes are seen', 60, async () => seen.length === 4);
  expect(seen.slice(1)).toEqual(['added b', 'updated a', 'deleted b']);
  expect(informer.cache.byIndex('colour', 'blue').map(({ metadata }) => metadata.name)).toEqual(['a']);
  expect(informer.cache.byIndex('colour', 'red')).toEqual([]);
});

test('an object that leaves the label selector is deleted from the cache', async () => {
  await write('leave', 'leaver', 'red');
  const { informer, seen } = start(client, 'leave');
  await informer.synced();
  await write('elsewhere', 'leaver', 'red');
  await eventually('it is gone', 60, async () => seen.at(-1) === 'deleted leaver');
  expect(informer.cache.size).toBe(0);
});

test('a cut line is taken up again, and nothing is missed or told twice', async () => {
  const { proxy, through } = await throughProxy();
  const { informer, seen } = start(through, 'cut');
  await informer.synced();
  await write('cut', 'c1', 'red');
  await eventually('the first is seen', 60, async () => seen.length === 1);
  proxy.cut();
  await write('cut', 'c2', 'red');
  await eventually('the second is seen', 60, async () => seen.length === 2);
  expect(seen).toEqual(['added c1', 'added c2']);
  proxy.close();
});

test('a watch on which nothing comes any more is given up and started again', async () => {
  const { proxy, through } = await throughProxy();
  const { informer, seen } = start(through, 'silent', 500);
  await informer.synced();
  await write('silent', 's1', 'red');
  await eventually('the first is seen', 60, async () => seen.length === 1);
  proxy.silence();
  await write('silent', 's2', 'red');
  await eventually('the second is seen', 60, async () => seen.length === 2);
  proxy.close();
});

test('after 410 it lists again and tells what it missed', async () => {
  // The server forgets no version within a test: a client that says so once stands in for it.
  let expired = 0;
  const forgetful = new Proxy(client, {
    get(target, key) {
      if (key === 'watch' && expired === 0) {
        return async function* () {
          expired++;
          await client.delete(configMaps, { namespace, name: 'e1' });
          await write('expired', 'e2', 'red');
          yield {
            type: 'ERROR',
            object: { code: 410, reason: 'Expired', message: 'too old resource version' },
          };
        };
      }
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await write('expired', 'e1', 'red');
  const { seen } = start(forgetful, 'expired');
  await eventually('the new list is told', 60, async () => seen.length === 3);
  expect(seen).toEqual(['added e1', 'added e2', 'deleted e1']);
});
