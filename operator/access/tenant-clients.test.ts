import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#kube/clock.ts';
import { nodes } from '#kube/resources.ts';
import { TenantClients } from './tenant-clients.ts';

const LIMITS = { totalMs: 300, bytes: 1000, items: 10 };

async function tenant(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const target = { server: `http://127.0.0.1:${port}`, insecureSkipTlsVerify: false };
  return new TenantClients(systemClock, LIMITS).of('uid', target);
}

const page = (items: object[], more: string) =>
  JSON.stringify({ metadata: { resourceVersion: '1', continue: more }, items });

test('TenantClients reads a list of a managed cluster', async () => {
  const client = await tenant((_request, response) => void response.end(page([{}, {}], '')));
  expect((await client.list(nodes)).items).toHaveLength(2);
});

test.each<[string, RequestListener, RegExp]>([
  [
    'a response that never ends',
    (_request, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    },
    /aborted/,
  ],
  ['no response at all', () => undefined, /aborted/],
  [
    'a response that is too large',
    (_request, response) => void response.end('x'.repeat(2000)),
    /larger than 1000 bytes/,
  ],
  [
    'a list without end',
    (_request, response) => void response.end(page([{}, {}], 'on')),
    /more than 10 nodes/,
  ],
])('TenantClients gives up on %s', { timeout: 5000 }, async (_what, listener, message) => {
  const client = await tenant(listener);
  await expect(client.list(nodes)).rejects.toThrow(message);
});
