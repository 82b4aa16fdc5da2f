import { beforeAll, expect, test } from 'vitest';
import { secrets } from '#kube/resources.ts';
import { DigestKey } from '#operator/host/digest-key.ts';
import { aNamespace, aSecret } from '#test/builders/manifests.ts';
import { apply } from '#test/kubectl.ts';
import { connect } from './harness.ts';

const name = 'pinion-digest-key';
const fingerprintIn = async (namespace: string) =>
  (await new DigestKey({ client: await connect(), namespace }).fingerprint())('text');

beforeAll(async () => {
  await apply(...['made', 'raced', 'short'].map((one) => aNamespace(`op-digest-${one}`)));
});

test('the key is made where there is none, cannot be changed, and is used again after a restart', async () => {
  const namespace = 'op-digest-made';
  const first = await fingerprintIn(namespace);
  const secret = await (await connect()).get(secrets, { namespace, name });
  expect(Buffer.from(secret.data?.['key'] ?? '', 'base64')).toHaveLength(32);
  expect(secret.immutable).toBe(true);
  expect(await fingerprintIn(namespace)).toBe(first);
});

test('two that make it at once end with the same key', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => fingerprintIn('op-digest-raced')));
  expect(new Set(all).size).toBe(1);
});

test('a Secret without a key of its length is refused with what to do', async () => {
  const namespace = 'op-digest-short';
  await apply(aSecret(namespace, name, { key: 'short' }));
  await expect(fingerprintIn(namespace)).rejects.toThrow(/op-digest-short\/pinion-digest-key .* delete it/);
});
