import https from 'node:https';
import { afterAll, expect, test } from 'vitest';
import { issueAuthority, issueCertificate, type Pair } from '#kube/certificates/issue.ts';
import { close, listen } from '#kube/listen.ts';
import { admissionServer } from './admission-server.ts';

const life = { now: Date.now(), lifeMs: 3_600_000 };
const authority = (name: string) => issueAuthority(name, life);
const leaf = (signer: Pair, usage: 'server' | 'client') =>
  issueCertificate(signer, { commonName: usage, names: ['127.0.0.1'], usages: [usage] }, life);

const [own, callers, olderCallers, others] = await Promise.all(
  ['own', 'callers', 'older callers', 'others'].map(authority) as [
    Promise<Pair>,
    Promise<Pair>,
    Promise<Pair>,
    Promise<Pair>,
  ],
);
const serving = await leaf(own, 'server');
const caller = await leaf(callers, 'client');

const servers: https.Server[] = [];
afterAll(() => Promise.all(servers.map((server) => close(server, 0))));

async function start(clientCa?: string) {
  const asked: (string | undefined)[] = [];
  const { server, serveWith } = admissionServer(
    (request, response) => {
      asked.push(request.url);
      response.end('ok');
    },
    { clientCa },
  );
  servers.push(server);
  serveWith(serving);
  return { port: await listen(server, 0, '127.0.0.1'), serveWith, asked };
}

const get = (port: number, client?: Pair) =>
  new Promise<number | undefined>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca: own.cert, agent: false, ...client };
    https.get(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });

const bundle = `${olderCallers.cert}${callers.cert}`;

test('the admission server answers every client without --client-ca', async () => {
  expect(await get((await start()).port)).toBe(200);
});

test.each([
  ['one', callers],
  ['another', olderCallers],
])(
  'the admission server answers a client whose certificate is signed by %s of its CAs',
  async (_what, by) => {
    expect(await get((await start(bundle)).port, await leaf(by, 'client'))).toBe(200);
  },
);

const strangers: [string, Pair | undefined][] = [
  ['no certificate', undefined],
  ['a certificate signed by another CA', await leaf(others, 'client')],
  ['a certificate signed by the CA of the webhook', await leaf(own, 'client')],
  ['a certificate for servers', await leaf(callers, 'server')],
];
test.each(strangers)('the admission server rejects a client with %s', async (_what, client) => {
  const { port, asked } = await start(bundle);
  await expect(get(port, client)).rejects.toThrow();
  expect(asked).toEqual([]);
});

test('the admission server still requires client certificates after its own was renewed', async () => {
  const { port, serveWith, asked } = await start(bundle);
  serveWith(await leaf(own, 'server'));
  await expect(get(port)).rejects.toThrow();
  expect(asked).toEqual([]);
  expect(await get(port, caller)).toBe(200);
});
