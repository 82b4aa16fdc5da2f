import { expect, test } from 'vitest';
import type { KubeObject } from '#kube/resource.ts';
import { FakeClock } from '#test/fake-clock.ts';
import { AssumeCache } from './assume-cache.ts';

const object = (version: number, name = 'a'): KubeObject => ({
  metadata: { namespace: 'demo', name, uid: name, resourceVersion: String(version) },
});
const KEY = 'demo/a';

function note(version: number) {
  const clock = new FakeClock();
  const written = new AssumeCache<KubeObject>(clock);
  written.note(object(version));
  return { clock, written };
}

test('what was written is newer than what the cache still has', () => {
  expect(note(10).written.pick(KEY, object(9))).toEqual(object(10));
});

test('versions are compared as numbers, not as text', () => {
  expect(note(9).written.pick(KEY, object(10))).toEqual(object(10));
});

test('what was created is there although the cache does not know it yet', () => {
  const { written } = note(10);
  expect(written.pickAll([], () => true)).toEqual([object(10)]);
  expect(written.pickAll([], () => false)).toEqual([]);
  expect(written.pickAll([object(3, 'b')], () => false)).toEqual([object(3, 'b')]);
});

test('what somebody else deleted is gone when the cache says so', () => {
  const { written } = note(10);
  written.forget(object(11));
  expect(written.pick(KEY, undefined)).toBeUndefined();
});

test('the deletion of an earlier object of the same name does not count', () => {
  const { written } = note(10);
  written.forget({ metadata: { ...object(9).metadata, uid: 'another' } });
  expect(written.pick(KEY, undefined)).toEqual(object(10));
});

test('after a while only the cache counts', async () => {
  const { clock, written } = note(10);
  await clock.advance(60_000);
  expect(written.pick(KEY, undefined)).toBeUndefined();
});
