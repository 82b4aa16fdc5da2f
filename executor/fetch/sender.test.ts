import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createSender } from './sender.ts';

/** A sender whose every connection leads to a server with this handler. */
async function given(handler: RequestListener, silenceMs?: number) {
  const server = createServer(handler);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const dialled: { hostname: string; port: number; secure: boolean }[] = [];
  const sender = createSender(async (to) => {
    dialled.push(to);
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    return new Promise<Socket>((resolve) => socket.once('connect', () => resolve(socket)));
  }, silenceMs);
  onTestFinished(() => {
    sender.close();
    server.closeAllConnections();
    server.close();
  });
  const get = async (url: string, signal = new AbortController().signal) => {
    const answer = await sender.send(new URL(url), { accept: 'text/plain' }, signal);
    let text = '';
    for await (const chunk of answer) text += chunk;
    return text;
  };
  return { get, dialled };
}

const echo: RequestListener = ({ url, headers }, response) => response.end(`${headers.host} ${url}`);

test('path, query and host are those of the address, and the port is that of its scheme', async () => {
  const { get, dialled } = await given(echo);
  expect(await get('https://files.example.com/a%20b?c=d')).toBe('files.example.com /a%20b?c=d');
  expect(await get('http://files.example.com:8080/')).toBe('files.example.com:8080 /');
  expect(dialled).toEqual([
    { hostname: 'files.example.com', port: 443, secure: true },
    { hostname: 'files.example.com', port: 8080, secure: false },
  ]);
});

test('a connection is used again for the same host and scheme, and for no other', async () => {
  const { get, dialled } = await given(echo);
  await get('https://files.example.com/a');
  await get('https://files.example.com/b');
  expect(dialled).toHaveLength(1);
  await get('http://files.example.com:443/c');
  await get('https://charts.example.com/d');
  expect(dialled).toHaveLength(3);
});

test.each<[string, RequestListener]>([
  ['says nothing', () => undefined],
  ['stops in the middle of its answer', (_, response) => response.writeHead(200).write('half')],
  [
    'hangs up in the middle of its answer',
    (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => response.destroy());
    },
  ],
])('a server that %s is an error', async (_, handler) => {
  const { get } = await given(handler, 200);
  await expect(get('https://files.example.com/')).rejects.toThrow();
});

test('the error of a connection that could not be made is passed on', async () => {
  const sender = createSender(() => Promise.reject(new Error('not allowed')));
  const { signal } = new AbortController();
  await expect(sender.send(new URL('https://files.example.com/'), {}, signal)).rejects.toThrow('not allowed');
});

test('it ends when the signal aborts', async () => {
  const { get } = await given(() => undefined);
  await expect(get('https://files.example.com/', AbortSignal.timeout(50))).rejects.toThrow(/abort/i);
});
