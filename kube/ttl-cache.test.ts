import { describe, expect, test } from 'vitest';
import { FakeClock } from '#test/fake-clock.ts';
import { cached, TtlCache } from './ttl-cache.ts';

const TTL_MS = 1_000;

/** A cache whose loads are counted: each load of a key gives the next number. */
function counted(options: { maxEntries?: number; isWorthKeeping?: (value: number) => boolean } = {}) {
  const clock = new FakeClock();
  const cache = new TtlCache<number>({ clock, ttlMs: TTL_MS, ...options });
  let loads = 0;
  return { clock, cache, get: (key: string) => cache.get(key, async () => ++loads) };
}

describe('TtlCache', () => {
  test.for([
    ['returns the remembered value before its time is over', TTL_MS - 1, 1],
    ['loads again once the time is over', TTL_MS, 2],
  ] as const)('%s', async ([, elapsedMs, expected]) => {
    const { clock, get } = counted();
    await get('a');
    await clock.advance(elapsedMs);
    expect(await get('a')).toBe(expected);
  });

  test('loads every key by itself', async () => {
    const { get } = counted();
    expect([await get('a'), await get('b'), await get('a')]).toEqual([1, 2, 1]);
  });

  test('shares one load between callers that ask at the same time', async () => {
    const { get } = counted();
    expect(await Promise.all([get('a'), get('a'), get('a')])).toEqual([1, 1, 1]);
  });

  test('counts the age of a value from the beginning of its load', async () => {
    const { clock, cache } = counted();
    const slow = Promise.withResolvers<number>();
    const first = cache.get('a', () => slow.promise);
    await clock.advance(TTL_MS);
    slow.resolve(1);
    expect(await first).toBe(1);
    expect(await cache.get('a', async () => 2)).toBe(2);
  });

  test('passes a failure to all who wait for it and then loads again', async () => {
    const { cache } = counted();
    const fail = async () => Promise.reject(new Error('refused'));
    const results = await Promise.allSettled([cache.get('a', fail), cache.get('a', fail)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await cache.get('a', async () => 2)).toBe(2);
  });

  test('keeps a newer value when an older load fails late', async () => {
    const { clock, cache } = counted();
    const slow = Promise.withResolvers<number>();
    const first = cache.get('a', () => slow.promise);
    await clock.advance(TTL_MS);
    await cache.get('a', async () => 2);
    slow.reject(new Error('late'));
    await expect(first).rejects.toThrow('late');
    expect(await cache.get('a', async () => 3)).toBe(2);
  });

  test('does not remember a value that is not worth keeping', async () => {
    const { get } = counted({ isWorthKeeping: (value) => value > 1 });
    expect([await get('a'), await get('a'), await get('a')]).toEqual([1, 2, 2]);
  });

  test('drops the oldest entry when it is full', async () => {
    const { get } = counted({ maxEntries: 2 });
    await get('a');
    await get('b');
    await get('c');
    expect([await get('c'), await get('b'), await get('a')]).toEqual([3, 2, 4]);
  });

  test('drops the entry that was loaded longest ago, not the one whose key was first', async () => {
    const { clock, get } = counted({ maxEntries: 2 });
    await get('a');
    await get('b');
    await clock.advance(TTL_MS);
    await get('a');
    await get('c');
    expect(await get('a')).toBe(3);
  });
});

test('cached calls its function once in its time', async () => {
  const clock = new FakeClock();
  let loads = 0;
  const read = cached({ clock, ttlMs: TTL_MS }, async () => ++loads);
  expect([await read(), await read()]).toEqual([1, 1]);
  await clock.advance(TTL_MS);
  expect(await read()).toBe(2);
});
