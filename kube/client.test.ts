import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { KubeClient } from './client.ts';
import { type KubeObject, resource } from './resource.ts';

type Config = KubeObject & { data?: string };
const configs = resource<Config>('v1', 'ConfigMap', 'configmaps');
const MEBIBYTE = 'x'.repeat(2 ** 20);

/** A client of a server that has these objects and serves them in pages; `asked` are the limits it was given. */
async function serving(objects: readonly object[]) {
  const asked: number[] = [];
  const listener: RequestListener = ({ url = '' }, response) => {
    const query = new URL(url, 'http://localhost').searchParams;
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit'));
    asked.push(limit);
    const next = from + limit < objects.length ? String(from + limit) : '';
    const items = objects.slice(from, from + limit);
    response.end(JSON.stringify({ metadata: { resourceVersion: '7', continue: next }, items }));
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new KubeClient({ server: `http://127.0.0.1:${port}`, tls: {}, headers: async () => ({}) });
  onTestFinished(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, asked };
}

const named = (count: number, data: string) =>
  Array.from({ length: count }, (_, i) => ({ metadata: { name: `c${i}` }, data }));

test('a page that is too large is asked for again with half as many objects', async () => {
  const { client, asked } = await serving(named(20, MEBIBYTE));
  const { items, metadata } = await client.list(configs);
  expect(items.map(({ metadata: { name } }) => name)).toEqual(named(20, '').map((one) => one.metadata.name));
  expect(metadata.resourceVersion).toBe('7');
  expect(asked).toEqual([500, 250, 125, 62, 31, 15, 15]);
});

test('a single object that is too large is an error, not asked for without end', async () => {
  const { client, asked } = await serving(named(1, MEBIBYTE.repeat(17)));
  await expect(client.list(configs)).rejects.toThrow(/larger than/);
  expect(asked).toEqual([500, 250, 125, 62, 31, 15, 7, 3, 1]);
});

test('what is not kept of a page is gone before the next one is read', async () => {
  const { client, asked } = await serving(named(501, 'large'));
  const pagesAtTransform: number[] = [];
  const transform = ({ metadata }: Config): Config => {
    pagesAtTransform.push(asked.length);
    return { metadata };
  };
  const { items } = await client.list(configs, { transform });
  expect(items.filter(({ data }) => data !== undefined)).toEqual([]);
  expect([pagesAtTransform[0], pagesAtTransform.at(-1)]).toEqual([1, 2]);
});
