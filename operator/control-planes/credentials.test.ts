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

test('keeping what is good makes nothing anew', async () => {
  const later = { now: start + DAY_MS, lifetimeMs };
  const again = await ensurePki(first.texts, later);
  expect(again.texts).toEqual(first.texts);
  expect(await ensureCredentials(credentials, wanted, again.pki, later)).toEqual(credentials);
});

test('no pod has a CA key but the controller manager, which has the one that signs kubelets', () => {
  const keys = Object.values(first.pki).flatMap((one) => ('newest' in one ? [one.newest.key] : []));
  const holders = Object.entries(credentials).filter(([, texts]) =>
    Object.values(texts).some((text) => keys.includes(text)),
  );
  expect(holders.map(([secret]) => secret)).toEqual(['controllerManagerTls']);
  expect(credentials.controllerManagerTls?.['signer.key']).toBe(first.pki.ca.newest.key);
});

test('the API server is good for its names inside and outside, and for nodes that may become the entry', () => {
  const cert = credentials.apiServerTls?.['server.crt'] ?? '';
  const called = [
    'demo-apiserver.team.svc',
    'kubernetes.default.svc',
    '10.96.0.7',
    '10.112.0.1',
    'api.example.com',
    '192.0.2.2',
  ];
  expect(isTrusted(cert, first.pki.ca.bundle, called)).toBe(true);
  expect(isTrusted(cert, first.pki['etcd-ca'].bundle, [])).toBe(false);
});

test('a controller manager is that user, and no server', () => {
  const cert = new X509Certificate(credentials.controllerManagerTls?.['client.crt'] ?? '');
  expect(cert.subject).toBe('CN=system:kube-controller-manager');
  expect(cert.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
});

const apiServer = wanted.find((one) => one.secret === 'apiServerTls' && one.name === 'server');
const pair = { cert: credentials.apiServerTls?.['server.crt'] ?? '', key: '' };
test.each([
  ['is missing', { pair: undefined }, 'Missing'],
  ['is new', {}, undefined],
  ['has lived for less than two thirds', { now: start + 59 * DAY_MS }, undefined],
  ['has lived for two thirds', { now: start + 61 * DAY_MS }, 'Due'],
  ['is to live shorter', { lifetimeMs: DAY_MS }, 'LivesTooLong'],
  ['is to live longer', { lifetimeMs: 365 * DAY_MS }, undefined],
  ['lacks an address', { required: ['198.51.100.1'] }, 'NotTrusted'],
  ['is of another CA', { bundle: first.pki['etcd-ca'].bundle }, 'NotTrusted'],
] as const)('renewal of a leaf that %s', (_what, over, expected) => {
  if (!apiServer) throw new Error('no such leaf');
  const of = { pair, now: start, lifetimeMs, bundle: first.pki.ca.bundle, required: [], ...over };
  expect(whyRenew(of.pair, { ...apiServer, required: of.required }, of)).toBe(expected);
});

test('a leaf ends before its CA, even one that is to live longer than it', async () => {
  const now = start + 599 * DAY_MS;
  const lifeMs = 3650 * DAY_MS;
  const { pki } = await ensurePki(first.texts, { now, lifetimeMs: lifeMs });
  const made = await ensureCredentials({}, wanted.slice(0, 1), pki, { now, lifetimeMs: lifeMs });
  const until = lifeOf(made.etcdTls?.['server.crt'] ?? '').until;
  expect(until).toBeLessThanOrEqual(lifeOf(pki['etcd-ca'].newest.cert).until);
});

test('a new CA is known everywhere before it signs, and the old one stays known', async () => {
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
  ['long after a new CA is known', 700, first.pki.ca.bundle, true],
  ['for the last time a whole life before the old one ends', 809, first.pki.ca.bundle, true],
  ['no longer when the old one is about to end', 811, first.pki.ca.bundle, false],
])('nodes of the first day trust the API server: %s', async (_what, day, known, expected) => {
  const renewed = await ensurePki(first.texts, { now: start + 601 * DAY_MS, lifetimeMs });
  const now = start + day * DAY_MS;
  const { pki } = await ensurePki(renewed.texts, { now, lifetimeMs });
  const made = await ensureCredentials(credentials, wanted, pki, { now, lifetimeMs });
  const server = made.apiServerTls?.['server.crt'] ?? '';
  expect(isTrusted(server, known, [])).toBe(expected);
  expect(isTrusted(server, pki.ca.bundle, ['demo-apiserver.team.svc'])).toBe(true);
  expect(lifeOf(server).until).toBeGreaterThan(now + 80 * DAY_MS);
  expect(isTrusted(made.operatorTls?.['client.crt'] ?? '', pki.ca.newest.cert, [])).toBe(true);
});

test('tokens of pods stay good: their key is never renewed', async () => {
  const { pki } = await ensurePki(first.texts, { now: start + 3650 * DAY_MS, lifetimeMs });
  expect(pki.accounts).toEqual(first.pki.accounts);
});

test('the next renewal is that of the first leaf', () => {
  expect(nextDue(first.pki, credentials)).toBeGreaterThan(start + 59 * DAY_MS);
  expect(nextDue(first.pki, credentials)).toBeLessThan(start + 60 * DAY_MS);
});

test('a CA that is made known is no reason to look all the time', async () => {
  const now = start + 601 * DAY_MS;
  const { pki } = await ensurePki(first.texts, { now, lifetimeMs });
  const renewed = await ensureCredentials(credentials, wanted, pki, { now, lifetimeMs });
  expect(signerOf(pki.ca, now, lifetimeMs)).toEqual(first.pki.ca.newest);
  expect(nextDue(pki, renewed)).toBeGreaterThan(now);
});
