import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import forge from 'node-forge';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { FetchOrder } from '#api/contract/work-order.ts';
import { readConfig } from '../config.ts';
import { createLog } from '../log/log.ts';
import { createRedactor } from '../log/redactor.ts';
import { fetchSources } from './fetch-sources.ts';
import { type Dial, type Network, realNetwork } from './network.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Names and the public addresses that they have here; every one leads to the one server on loopback. */
const HOSTS: Record<string, string[]> = {
  'charts.example.com': ['93.184.216.34'],
  'files.example.com': ['93.184.216.35'],
  'auth.example.com': ['93.184.216.36'],
  'rebound.example.com': ['93.184.216.34', '127.0.0.1'],
  'internal.example.com': ['10.96.0.7'],
  'metadata.example.com': ['169.254.169.254'],
};

let handler: Handler;
let port = 0;
let plainPort = 0;
let ca = '';
const servers: { close: () => unknown }[] = [];
beforeAll(async () => {
  const { key, cert } = certificate(Object.keys(HOSTS));
  ca = cert;
  const secure = createServer({ key, cert }, (request, response) => handler(request, response));
  const plain = createPlainServer((request, response) => handler(request, response));
  servers.push(secure, plain);
  for (const server of [secure, plain]) {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  }
  port = (secure.address() as AddressInfo).port;
  plainPort = (plain.address() as AddressInfo).port;
});
afterAll(() => {
  for (const server of servers) server.close();
});

function certificate(names: string[]): { key: string; cert: string } {
  const { privateKey, publicKey } = forge.pki.rsa.generateKeyPair(2048);
  const cert = forge.pki.createCertificate();
  cert.publicKey = publicKey;
  cert.validity.notBefore = new Date(Date.now() - 3_600_000);
  cert.validity.notAfter = new Date(Date.now() + 3_600_000);
  const subject = [{ name: 'commonName', value: 'test' }];
  cert.setSubject(subject);
  cert.setIssuer(subject);
  cert.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
  ]);
  cert.sign(privateKey, forge.md.sha256.create());
  return { key: forge.pki.privateKeyToPem(privateKey), cert: forge.pki.certificateToPem(cert) };
}

type Items = FetchOrder['items'];

/** Runs the fetch program with a network that notes where it would go and leads all of it to the server. */
async function run(
  items: Items,
  { secrets, ...order }: Partial<FetchOrder> & { secrets?: Record<string, string> } = {},
) {
  const root = await mkdtemp(join(tmpdir(), 'pinion-fetch-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const given: Record<string, string> = { 'ca.crt': ca, ...secrets };
  for (const { slot } of items) {
    await mkdir(join(root, 'credentials', slot), { recursive: true });
    for (const [key, text] of Object.entries(given)) {
      await writeFile(join(root, 'credentials', slot, key), text);
    }
  }
  const dialled: Dial[] = [];
  const network: Network = {
    resolve: async (name) => HOSTS[name] ?? Promise.reject(new Error(`getaddrinfo ENOTFOUND ${name}`)),
    dial: (to) => {
      dialled.push(to);
      return realNetwork.dial({ ...to, address: '127.0.0.1', port: to.tls ? port : plainPort });
    },
  };
  const redactor = createRedactor();
  let text = '';
  const fetchOrder: FetchOrder = {
    version: 1,
    timeoutMs: 10_000,
    allowSourceCidrs: [],
    sourceSecureLoose: false,
    items,
    ...order,
  };
  const report = await fetchSources(
    {
      config: readConfig({ PINION_DIRECTORY: root, PINION_FETCH: JSON.stringify(fetchOrder) }),
      redactor,
      log: createLog({ format: 'text', redactor, clock: Date.now, write: (line) => (text += `${line}\n`) }),
      termination: {
        signal: new AbortController().signal,
        asked: () => false,
        allowGrace: () => undefined,
        endGrace: () => undefined,
      },
    },
    network,
  );
  return {
    report,
    log: text,
    hosts: dialled.map(({ address, tls }) => `${tls?.servername ?? 'plain'} ${address}`),
    read: (path: string) => readFile(join(root, 'sources', path), 'utf8'),
    list: (path: string) => readdir(join(root, 'sources', path)),
  };
}

async function chartArchive(): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'web/Chart.yaml' }, 'apiVersion: v2\nname: web\nversion: 1.2.0\n');
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
const yamlOf = (uri: string, more: object = {}): Items => [
  { kind: 'uri', slot: 'yaml', uri, credentials: true, ...more },
];

test('a file is fetched by its name, with SNI, from the address that was checked', async () => {
  handler = (request, response) => response.end(`host: ${request.headers.host}`);
  const ran = await run(yamlOf('https://files.example.com/a/b.yaml?sig=canary-1234'));
  expect(ran.report, ran.log).toMatchObject({ reason: 'Succeeded' });
  expect(ran.hosts).toEqual(['files.example.com 93.184.216.35']);
  expect(await ran.read('yaml/b.yaml')).toBe('host: files.example.com');
  expect(ran.log).not.toContain('canary-1234');
});

test('an archive is unpacked, and its sha256 is compared', async () => {
  const archive = await chartArchive();
  handler = (_request, response) => response.end(archive);
  const items = (digest: string): Items => [
    { kind: 'uri', slot: 'chart', uri: 'https://files.example.com/dl', credentials: true, sha256: digest },
  ];
  const good = await run(items(sha256(archive)));
  expect(await good.read('chart/web/Chart.yaml')).toContain('name: web');
  const bad = await run(items('0'.repeat(64)));
  expect(bad.report).toMatchObject({
    reason: 'SourceRefused',
    message: expect.stringContaining('expected 0000'),
  });
  await expect(bad.list('chart')).rejects.toThrow();
});

test.for([
  'https://127.0.0.1/a.yaml',
  'https://[::1]/a.yaml',
  'https://[::ffff:10.0.0.1]/a.yaml',
  'https://0x7f.1/a.yaml',
  'https://2130706433/a.yaml',
  'https://internal.example.com/a.yaml',
  'https://metadata.example.com/latest',
  'https://rebound.example.com/a.yaml',
])('%s is refused before anything is sent', async (uri) => {
  handler = (_request, response) => response.end('reached');
  const { report, hosts } = await run(yamlOf(uri));
  expect(report.reason).toBe('SourceRefused');
  expect(hosts).toEqual([]);
});

test('a redirect to a forbidden address is refused before anything is sent there', async () => {
  handler = (_request, response) =>
    response.writeHead(302, { location: 'https://metadata.example.com/latest' }).end();
  const { report, hosts } = await run(yamlOf('https://files.example.com/a.yaml'));
  expect(report).toMatchObject({
    reason: 'SourceRefused',
    message: expect.stringContaining('169.254.169.254'),
  });
  expect(hosts).toEqual(['files.example.com 93.184.216.35']);
});

test('an allowed range may be fetched from', async () => {
  handler = (_request, response) => response.end('a: b');
  const { report } = await run(yamlOf('https://internal.example.com/a.yaml'), {
    allowSourceCidrs: ['10.96.0.0/16'],
  });
  expect(report.reason).toBe('Succeeded');
});

test('a redirect to http:// is refused', async () => {
  handler = (_request, response) => response.writeHead(301, { location: 'http://files.example.com/a' }).end();
  const { report, hosts } = await run(yamlOf('https://files.example.com/a.yaml'), {
    sourceSecureLoose: true,
  });
  expect(report).toMatchObject({
    reason: 'SourceRefused',
    message: expect.stringContaining('from https://'),
  });
  expect(hosts).toHaveLength(1);
});

test('http:// is refused without the loose setting, and works with it', async () => {
  handler = (_request, response) => response.end('a: b');
  expect((await run(yamlOf('http://files.example.com/a.yaml'))).report.reason).toBe('SourceRefused');
  const loose = await run(yamlOf('http://files.example.com/a.yaml'), { sourceSecureLoose: true });
  expect(loose.report.reason).toBe('Succeeded');
  expect(loose.hosts).toEqual(['plain 93.184.216.35']);
});

test('credentials stay on their origin and out of the log', async () => {
  const seen: (string | undefined)[] = [];
  handler = (request, response) => {
    seen.push(`${request.headers.host} ${request.headers.authorization ?? 'nothing'}`);
    if (request.url === '/a.yaml') response.writeHead(302, { location: '/b.yaml' }).end();
    else if (request.url === '/b.yaml') {
      response.writeHead(302, { location: 'https://charts.example.com/c.yaml?password=canary-5678' }).end();
    } else response.writeHead(403).end();
  };
  const secrets = { username: 'amy', password: 'canary-5678\n' };
  const { report, log } = await run(yamlOf('https://files.example.com/a.yaml'), { secrets });
  const basic = `Basic ${Buffer.from('amy:canary-5678').toString('base64')}`;
  expect(seen).toEqual([
    `files.example.com ${basic}`,
    `files.example.com ${basic}`,
    'charts.example.com nothing',
  ]);
  expect(report.reason).toBe('SourceRefused');
  expect(log + JSON.stringify(report)).not.toContain('canary');
});

test.for([
  [404, 'SourceInvalid', 1],
  [401, 'SourceRefused', 1],
  [503, 'SourceUnavailable', 4],
] as const)('status %i is %s after %i tries', async ([status, reason, tries]) => {
  let count = 0;
  handler = (_request, response) => {
    count += 1;
    response.writeHead(status).end();
  };
  const { report } = await run(yamlOf('https://files.example.com/a.yaml'));
  expect(report.reason).toBe(reason);
  expect(count).toBe(tries);
});

test('a redirect loop ends after three hops', async () => {
  handler = (_request, response) => response.writeHead(302, { location: '/again' }).end();
  const { report } = await run(yamlOf('https://files.example.com/a.yaml'));
  expect(report).toMatchObject({ reason: 'SourceRefused', message: expect.stringContaining('more than 3') });
});

test('a file over the cap is refused while it comes', async () => {
  handler = (_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024);
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  };
  const { report } = await run(yamlOf('https://files.example.com/a.yaml'));
  expect(report).toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringContaining('at most 5 MiB'),
  });
});

test('an unknown CA is refused with a word on where to put it', async () => {
  handler = (_request, response) => response.end('a: b');
  const { report } = await run(yamlOf('https://files.example.com/a.yaml', { credentials: false }));
  expect(report).toMatchObject({ reason: 'SourceRefused', message: expect.stringContaining('ca.crt') });
});

test('a chart comes from an index, by range, over a relative address', async () => {
  const archive = await chartArchive();
  handler = (request, response) => {
    if (request.url === '/stable/index.yaml') {
      response.end(
        JSON.stringify({
          entries: {
            web: [
              { version: '2.0.0', urls: ['charts/web-2.0.0.tgz'] },
              { version: '1.2.0', urls: ['charts/web-1.2.0.tgz'], digest: sha256(archive) },
            ],
          },
        }),
      );
    } else if (request.url === '/stable/charts/web-1.2.0.tgz') response.end(archive);
    else response.writeHead(404).end();
  };
  const items = (more: object): Items => [
    {
      kind: 'repository',
      slot: 'chart',
      repo: 'https://charts.example.com/stable',
      credentials: true,
      ...more,
    },
  ];
  const good = await run(items({ name: 'web', version: '^1.0' }));
  expect(good.report, good.log).toMatchObject({ reason: 'Succeeded' });
  expect(await good.list('chart')).toEqual(['web']);
  const missing = await run(items({ name: 'wev' }));
  expect(missing.report.message).toContain('has no chart wev; it has web');
});

test('a chart comes from an oci registry with a token, by range', async () => {
  const archive = await chartArchive();
  const digest = `sha256:${sha256(archive)}`;
  const mediaType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
  const manifest = JSON.stringify({ layers: [{ mediaType, digest, size: archive.length }] });
  const basic = `Basic ${Buffer.from('amy:secret-9').toString('base64')}`;
  const answers: Record<string, string | Buffer> = {
    '/v2/team/web/tags/list?n=1000': JSON.stringify({ tags: ['1.2.0', '1.3.0_b1', '0.9.0', 'latest'] }),
    '/v2/team/web/manifests/1.3.0_b1': manifest,
    [`/v2/team/web/blobs/${digest}`]: archive,
  };
  handler = (request, response) => {
    if (request.headers.host === 'auth.example.com') {
      expect(request.headers.authorization).toBe(basic);
      expect(request.url).toBe('/token?scope=repository%3Ateam%2Fweb%3Apull&service=s');
      response.end('{"token":"t0ken"}');
    } else if (request.headers.authorization !== 'Bearer t0ken') {
      const challenge =
        'Bearer realm="https://auth.example.com/token",service="s",scope="repository:team/web:pull"';
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    } else response.end(answers[request.url ?? ''] ?? 'nothing');
  };
  const auth = Buffer.from('amy:secret-9').toString('base64');
  const { report, log, read } = await run(
    [
      {
        kind: 'repository',
        slot: 'chart',
        repo: 'oci://charts.example.com/team',
        name: 'web',
        version: '1.x',
        credentials: true,
      },
    ],
    { secrets: { '.dockerconfigjson': JSON.stringify({ auths: { 'charts.example.com': { auth } } }) } },
  );
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect(await read('chart/web/Chart.yaml')).toContain('name: web');
});

test('content that is not what the manifest says is refused', async () => {
  const digest = `sha256:${sha256('other')}`;
  const manifest = JSON.stringify({
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 5 }],
  });
  handler = (request, response) => response.end(request.url?.includes('/blobs/') ? 'evil!' : manifest);
  const { report } = await run([
    { kind: 'uri', slot: 'kustomize', uri: 'oci://charts.example.com/team/app:v1', credentials: true },
  ]);
  expect(report).toMatchObject({ reason: 'SourceRefused', message: expect.stringContaining('was changed') });
});
