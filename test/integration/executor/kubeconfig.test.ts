import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { load } from 'js-yaml';
import { expect, inject, onTestFinished, test } from 'vitest';
import { parseKubeconfig } from '#api/kubeconfig.ts';
import { issueAuthority } from '#kube/certificates/issue.ts';

type Fields = Record<string, unknown>;
type Kubeconfig = { clusters: [{ cluster: Fields }]; users: [{ user: Fields }] };

const base64 = (text: string) => Buffer.from(text).toString('base64');
const life = { now: Date.now(), lifeMs: 3_600_000 };
const [one, other] = [await issueAuthority('one', life), await issueAuthority('other', life)];
const pair = { 'client-certificate-data': base64(one.cert), 'client-key-data': base64(one.key) };
const CA = 'certificate-authority-data';

test.for<[name: string, accepted: boolean, cluster: Fields, user?: Fields]>([
  ['as it is', true, {}],
  ['with a CA that is not to be used', false, { 'insecure-skip-tls-verify': true }],
  ['without verification', true, { 'insecure-skip-tls-verify': true, [CA]: undefined }],
  ['with a quoted boolean', false, { 'insecure-skip-tls-verify': 'true', [CA]: undefined }],
  ['with a CA as PEM', false, { [CA]: one.cert }],
  ['with a CA that is none', false, { [CA]: base64('none') }],
  ['with a certificate and its key beside the token', true, {}, pair],
  ['with a certificate without its key', false, {}, { ...pair, 'client-key-data': undefined }],
  ['with the key of another certificate', false, {}, { ...pair, 'client-key-data': base64(other.key) }],
  ['with a certificate that is none', false, {}, { ...pair, 'client-certificate-data': base64('none') }],
  ['with a key that is none', false, {}, { ...pair, 'client-key-data': base64('none') }],
])('a kubeconfig %s is accepted as kubectl accepts it: %s', async ([, accepted, cluster, user = {}]) => {
  const config = load(await readFile(inject('kubeconfig'), 'utf8')) as Kubeconfig;
  Object.assign(config.clusters[0].cluster, cluster);
  Object.assign(config.users[0].user, user);
  const text = JSON.stringify(config);
  const directory = await mkdtemp(join(tmpdir(), 'pinion-kubeconfig-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'kubeconfig');
  await writeFile(path, text);
  const said = await execa('.local/bin/kubectl', ['get', 'namespaces', '--kubeconfig', path], {
    reject: false,
  });
  expect(said.exitCode === 0, said.stderr).toBe(accepted);
  // The API server of the test is on loopback, which is refused.
  const parse = () => parseKubeconfig(text.replaceAll('127.0.0.1', '203.0.113.7'));
  if (accepted) expect(parse).not.toThrow();
  else expect(parse).toThrow(expect.objectContaining({ reason: 'InvalidKubeconfig' }));
});
