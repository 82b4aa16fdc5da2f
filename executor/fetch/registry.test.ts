import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRedactor } from '../log/redactor.ts';
import { basic, readCredentials } from './credentials.ts';
import type { Get } from './http.ts';
import { fetchFromRegistry } from './registry.ts';

/** The credentials of a Secret that `kubectl create secret docker-registry` or `docker login` would make. */
async function credentialsFor(...servers: [server: string, password: string][]) {
  const directory = await mkdtemp(join(tmpdir(), 'pinion-credentials-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const auths = Object.fromEntries(
    servers.map(([server, password]) => [server, { username: 'amy', password }]),
  );
  await writeFile(join(directory, '.dockerconfigjson'), JSON.stringify({ auths }));
  const redactor = createRedactor();
  return { redactor, credentials: await readCredentials(directory, redactor) };
}

/** Fetches from a registry that wants a token for everything, and notes what its token server was sent. */
async function fetchFrom(
  uri: string,
  credentials: Awaited<ReturnType<typeof credentialsFor>>['credentials'],
) {
  const content = Buffer.from('archive');
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const mediaType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
  const manifest = Buffer.from(JSON.stringify({ layers: [{ mediaType, digest, size: content.length }] }));
  const seen: { tokenFrom?: string | undefined; urls: string[] } = { urls: [] };
  const get: Get = async (url, { authorization }) => {
    const { host } = new URL(url);
    if (url.includes('/token?')) {
      seen.tokenFrom = authorization;
      return { status: 200, headers: {}, body: Buffer.from('{"token":"t"}') };
    }
    if (authorization !== 'Bearer t') {
      const realm = `https://auth.${host.split('.').slice(-2).join('.')}/token`;
      return {
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="${realm}"` },
        body: Buffer.alloc(0),
      };
    }
    seen.urls.push(url);
    return { status: 200, headers: {}, body: url.includes('/blobs/') ? content : manifest };
  };
  await fetchFromRegistry(get, { uri, credentials, allowPlain: false });
  return seen;
}

const HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

test.for(
  HUB.flatMap((host) => [
    [host, 'https://index.docker.io/v1/'],
    ...HUB.map((server) => [host, server]),
    [host, 'https://registry-1.docker.io'],
  ]) as [string, string][],
)('oci://%s is dialled at registry-1.docker.io, with the credentials for %s', async ([host, server]) => {
  const { credentials } = await credentialsFor([server, 'secret-9'], ['other.example.com', 'wrong-9']);
  const { tokenFrom, urls } = await fetchFrom(`oci://${host}/web:1.2.0`, credentials);
  expect(urls[0]).toBe('https://registry-1.docker.io/v2/web/manifests/1.2.0');
  expect(tokenFrom).toBe(basic({ username: 'amy', password: 'secret-9' }));
});

test.for([
  ['another registry', 'registry.example.com', 'https://index.docker.io/v1/'],
  ['another host of the same domain', 'hub.docker.io', 'https://index.docker.io/v1/'],
  ['another port', 'docker.io:5000', 'docker.io'],
  ['a name that only begins like it', 'docker.io.example.com', 'docker.io'],
  ['Docker Hub, when they are of another registry', 'docker.io', 'registry.example.com'],
] as const)('credentials are not sent to %s', async ([, host, server]) => {
  const { credentials } = await credentialsFor([server, 'secret-9']);
  expect((await fetchFrom(`oci://${host}/team/web:1.2.0`, credentials)).tokenFrom).toBeUndefined();
});

test('what docker login keeps for itself is not taken for a password, and is redacted', async () => {
  const { credentials, redactor } = await credentialsFor(
    ['https://index.docker.io/v1/', 'secret-9'],
    ['https://index.docker.io/v1/access-token', 'access-9'],
    ['https://index.docker.io/v1/refresh-token', 'refresh-9'],
  );
  const { tokenFrom } = await fetchFrom('oci://docker.io/team/web:1.2.0', credentials);
  expect(tokenFrom).toBe(basic({ username: 'amy', password: 'secret-9' }));
  expect(redactor.redact('secret-9 access-9 refresh-9')).toBe('*** *** ***');
});
