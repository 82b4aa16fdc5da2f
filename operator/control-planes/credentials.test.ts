import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificatesOf, isTrusted, lifeOf } from '#kube/certificates/judge.ts';
import { ensurePki, signerOf } from './cas.ts';
import { wantedCertificates } from './certificates.ts';
import { ensureCredentials, nextDue, whyRenew } from './credentials.ts';
import { namesOf } from './names.ts';

const DAY_MS = 86_400_000;
const lifetimeMs = 90 * DAY_MS;
const start = Date.UTC(2026, 0, 1);
const names = namesOf('demo');
const wanted = wantedCertificates({
  namespace: 'team',
  names,
  clusterIP: '10.96.0.7',
  kubernetesIP: '10.112.0.1',
  external: ['192.0.2.1', 'api.example.com'],
  candidates: ['192.0.2.1', '192.0.2.2'],
});
const first = await ensurePki({}, { now: start, lifetimeMs });
const credentials = await ensureCredentials({}, wanted, first.pki, { now: start, lifetimeMs });

test('ensurePki and ensureCredentials change nothing while everything is good', async () => {
  const later = { now: start + DAY_MS, lifetimeMs };
  const again = await ensurePki(first.texts, later);
  expect(again.texts).toEqual(first.texts);
  expect(await ensureCredentials(credentials, wanted, again.pki, later)).toEqual(credentials);
});

test('only the controller manager gets a CA key: the one that signs kubelets', () => {
  const keys = Object.values(first.pki).flatMap((ca) => ('newest' in ca ? [ca.newest.key] : []));
  const holders = Object.entries(credentials).filter(([, texts]) =>
    Object.values(texts).some((text) => keys.includes(text)),
  );
  expect(holders.map(([secret]) => secret)).toEqual(['controllerManagerTls']);
  expect(credentials.controllerManagerTls?.['signer.key']).toBe(first.pki.ca.newest.key);
});

test('the API server’s certificate is valid for its internal and external names and for nodes that may become the endpoint', () => {
  const cert = credentials.apiServerTls?.['server.crt'] ?? '';
  const names = [
    'demo-apiserver.team.svc',
    'kubernetes.default.svc',
    '10.96.0.7',
    '10.112.0.1',
    'api.example.com',
    '192.0.2.2',
  ];
  expect(isTrusted(cert, first.pki.ca.bundle, names)).toBe(true);
  expect(isTrusted(cert, first.pki['etcd-ca'].bundle, [])).toBe(false);
});

test('the controller manager’s certificate is a client certificate for its user', () => {
  const cert = new X509Certificate(credentials.controllerManagerTls?.['client.crt'] ?? '');
  expect(cert.subject).toBe('CN=system:kube-controller-manager');
  expect(cert.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
});

const apiServer = wanted.find(({ secret, name }) => secret === 'apiServerTls' && name === 'server');
const pair = { cert: credentials.apiServerTls?.['server.crt'] ?? '', key: '' };
test.each([
  ['renews a missing certificate', { pair: undefined }, 'Missing'],
  ['keeps a new certificate', {}, undefined],
  ['keeps a certificate before two thirds of its life', { now: start + 59 * DAY_MS }, undefined],
  ['renews a certificate after two thirds of its life', { now: start + 61 * DAY_MS }, 'Due'],
  ['renews a certificate when the lifetime is shortened', { lifetimeMs: DAY_MS }, 'LivesTooLong'],
  ['keeps a certificate when the lifetime is extended', { lifetimeMs: 365 * DAY_MS }, undefined],
  ['renews a certificate that lacks an address', { required: ['198.51.100.1'] }, 'NotTrusted'],
  ['renews a certificate of another CA', { bundle: first.pki['etcd-ca'].bundle }, 'NotTrusted'],
] as const)('whyRenew %s', (_sentence, over, expected) => {
  if (!apiServer) throw new Error('no certificate for the API server');
  const input = { pair, now: start, lifetimeMs, bundle: first.pki.ca.bundle, required: [], ...over };
  expect(whyRenew(input.pair, { ...apiServer, required: input.required }, input)).toBe(expected);
});

test('a certificate ends before its CA, even when the lifetime is longer than the rest of the CA’s life', async () => {
  const now = start + 599 * DAY_MS;
  const lifeMs = 3650 * DAY_MS;
  const { pki } = await ensurePki(first.texts, { now, lifetimeMs: lifeMs });
  const issued = await ensureCredentials({}, wanted.slice(0, 1), pki, { now, lifetimeMs: lifeMs });
  const until = lifeOf(issued.etcdTls?.['server.crt'] ?? '').until;
  expect(until).toBeLessThanOrEqual(lifeOf(pki['etcd-ca'].newest.cert).until);
});

test('a new CA is distributed before it signs, and the old one stays trusted until it ends', async () => {
  const now = start + 601 * DAY_MS;
  const { pki, texts } = await ensurePki(first.texts, { now, lifetimeMs });
  expect(pki.ca.newest.cert).not.toBe(first.pki.ca.newest.cert);
  expect(certificatesOf(pki.ca.bundle)).toHaveLength(2);
  expect(signerOf(pki.ca, now, lifetimeMs)).toEqual(first.pki.ca.newest);
  expect(signerOf(pki.ca, now + 10 * DAY_MS, lifetimeMs)).toEqual(pki.ca.newest);
  const later = await ensurePki(texts, { now: now + 10 * DAY_MS, lifetimeMs });
  expect(later.texts).toEqual(texts);
  const afterwards = await ensurePki(texts, { now: start + 901 * DAY_MS, lifetimeMs });
  expect(certificatesOf(afterwards.pki.ca.bundle)).toHaveLength(1);
});

test.each([
  ['long after a new CA is distributed', 700, first.pki.ca.bundle, true],
  ['one certificate’s life before the old CA ends', 809, first.pki.ca.bundle, true],
  ['not when the old CA is about to end', 811, first.pki.ca.bundle, false],
])('nodes of the first day trust the API server %s', async (_when, day, bundle, expected) => {
  const renewed = await ensurePki(first.texts, { now: start + 601 * DAY_MS, lifetimeMs });
  const now = start + day * DAY_MS;
  const { pki } = await ensurePki(renewed.texts, { now, lifetimeMs });
  const issued = await ensureCredentials(credentials, wanted, pki, { now, lifetimeMs });
  const server = issued.apiServerTls?.['server.crt'] ?? '';
  expect(isTrusted(server, bundle, [])).toBe(expected);
  expect(isTrusted(server, pki.ca.bundle, ['demo-apiserver.team.svc'])).toBe(true);
  expect(lifeOf(server).until).toBeGreaterThan(now + 80 * DAY_MS);
  expect(isTrusted(issued.operatorTls?.['client.crt'] ?? '', pki.ca.newest.cert, [])).toBe(true);
});

test('the key pair of service account tokens is never renewed', async () => {
  const { pki } = await ensurePki(first.texts, { now: start + 3650 * DAY_MS, lifetimeMs });
  expect(pki.accounts).toEqual(first.pki.accounts);
});

test('nextDue is the renewal of the first certificate that is due', () => {
  expect(nextDue(first.pki, credentials)).toBeGreaterThan(start + 59 * DAY_MS);
  expect(nextDue(first.pki, credentials)).toBeLessThan(start + 60 * DAY_MS);
});

test('nextDue lies in the future while a new CA is being distributed', async () => {
  const now = start + 601 * DAY_MS;
  const { pki } = await ensurePki(first.texts, { now, lifetimeMs });
  const renewed = await ensureCredentials(credentials, wanted, pki, { now, lifetimeMs });
  expect(signerOf(pki.ca, now, lifetimeMs)).toEqual(first.pki.ca.newest);
  expect(nextDue(pki, renewed)).toBeGreaterThan(now);
});
