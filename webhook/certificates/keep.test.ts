import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { bundleWith, certificatesOf, isDue, isSound, isTrusted, lifeOf } from '#kube/certificates/judge.ts';
import { FakeClock } from '#test/fake-clock.ts';
import { CA_LIFE_MS, issueCa, issueLeaf, LEAF_LIFE_MS } from './issue.ts';

const now = new FakeClock().now();
const names = ['pinion-webhook.pinion-system.svc', '127.0.0.1'];
const ca = await issueCa(now);
const leaf = await issueLeaf(ca, names, now);
const otherCa = await issueCa(now);

test('certificates begin an hour ago, for clocks that are behind', () => {
  expect(lifeOf(leaf.cert)).toEqual({ from: now - 3_600_000, until: now + LEAF_LIFE_MS });
  expect(lifeOf(ca.cert)).toEqual({ from: now - 3_600_000, until: now + CA_LIFE_MS });
});

test('a leaf is for serving and signs nothing; a CA signs leaves only', () => {
  expect(new X509Certificate(ca.cert).ca).toBe(true);
  expect(new X509Certificate(leaf.cert).ca).toBe(false);
  expect(new X509Certificate(leaf.cert).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
});

test('a leaf serves its names, by the CA that signed it', () => {
  expect(isTrusted(leaf.cert, ca.cert, names)).toBe(true);
  expect(isTrusted(leaf.cert, otherCa.cert, names)).toBe(false);
  expect(isTrusted(leaf.cert, ca.cert, ['other.pinion-system.svc'])).toBe(false);
  expect(isTrusted(leaf.cert, bundleWith(otherCa.cert, ca.cert, now), names)).toBe(true);
});

test('a certificate is due after two thirds of its life, not before', () => {
  const { from, until } = lifeOf(leaf.cert);
  const due = from + ((until - from) * 2) / 3;
  expect(isDue(leaf.cert, due - 1)).toBe(false);
  expect(isDue(leaf.cert, due)).toBe(true);
});

test('a leaf signed just before its CA is renewed ends before that CA does', () => {
  expect(LEAF_LIFE_MS).toBeLessThan(CA_LIFE_MS / 3);
});

test.each([
  ['a pair', leaf, true],
  ['the key of another', { cert: leaf.cert, key: ca.key }, false],
  ['garbage', { cert: 'a', key: 'b' }, false],
  ['nothing', { cert: '', key: '' }, false],
])('%s is sound or not', (_what, pair, sound) => {
  expect(isSound(pair)).toBe(sound);
});

test('a bundle keeps earlier CAs until they end, and each once', () => {
  const both = bundleWith(otherCa.cert, ca.cert, now);
  expect(certificatesOf(both)).toHaveLength(2);
  expect(bundleWith(otherCa.cert, both, now)).toBe(both);
  expect(certificatesOf(bundleWith(otherCa.cert, both, now + CA_LIFE_MS + 1))).toHaveLength(1);
  expect(certificatesOf(bundleWith(ca.cert, 'garbage', now))).toHaveLength(1);
});
