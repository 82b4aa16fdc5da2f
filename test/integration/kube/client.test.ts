import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { KubeClient } from '#kube/client.ts';
import { kubeconfigConnection } from '#kube/connection.ts';
import { isAlreadyExists, isConflict, isInvalid, isNotFound, isUnreachable } from '#kube/errors.ts';
import { configMaps, namespaces } from './core.ts';

let client: KubeClient;
const namespace = 'kube-client';

beforeAll(async () => {
  client = new KubeClient(await kubeconfigConnection(inject('kubeconfig')));
  await client.create(namespaces, { metadata: { name: namespace } });
});
afterAll(() => client.close());

test('an object is created, read, patched in each form, replaced and deleted', async () => {
  const name = { namespace, name: 'one' };
  const created = await client.create(configMaps, { metadata: name, data: { a: '1' } });
  expect(created.metadata.uid).not.toBe('');
  await client.patch(configMaps, name, { data: { b: '2' } });
  await client.patch(configMaps, name, [{ op: 'add', path: '/data/c', value: '3' }], { form: 'json' });
  await client.patch(configMaps, name, { metadata: name, data: { a: '4' } }, { form: 'apply' });
  const read = await client.get(configMaps, name);
  expect(read.data).toEqual({ a: '4', b: '2', c: '3' });
  const replaced = await client.replace(configMaps, { ...read, data: {} });
  expect(replaced.data).toBeUndefined();
  await client.delete(configMaps, name);
  await expect(client.get(configMaps, name)).rejects.toSatisfy(isNotFound);
});

test('errors say which they are', async () => {
  const name = { namespace, name: 'errors' };
  const created = await client.create(configMaps, { metadata: name });
  await expect(client.create(configMaps, { metadata: name })).rejects.toSatisfy(isAlreadyExists);
  await client.patch(configMaps, name, { data: { a: '1' } });
  await expect(client.replace(configMaps, created)).rejects.toSatisfy(isConflict);
  const { uid } = created.metadata;
  const stale = { uid, resourceVersion: created.metadata.resourceVersion };
  await expect(client.delete(configMaps, name, { preconditions: stale })).rejects.toSatisfy(isConflict);
  const bad = { metadata: { namespace, name: 'Not a name' } };
  await expect(client.create(configMaps, bad)).rejects.toSatisfy(isInvalid);
  const nowhere = new KubeClient({ server: 'https://127.0.0.1:1', tls: {}, headers: async () => ({}) });
  await expect(nowhere.get(configMaps, name)).rejects.toSatisfy(isUnreachable);
});

test('a list longer than a page is read to its end, as metadata only when asked', async () => {
  const names = Array.from({ length: 520 }, (_, i) => `many-${i}`);
  await Promise.all(
    names.map((name) =>
      client.create(configMaps, { metadata: { namespace, name, labels: { many: 'yes' } }, data: { a: '1' } }),
    ),
  );
  const { items } = await client.list(configMaps, {
    namespace,
    labelSelector: 'many=yes',
    metadataOnly: true,
  });
  expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(names.sort());
  expect(items[0]?.data).toBeUndefined();
});
