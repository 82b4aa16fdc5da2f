import { expect, test } from 'vitest';
import { isOutOfSpace, pressureOf } from './storage.ts';

const MIB = 2 ** 20;
const use = (used: number, refuses = false) => ({ usedBytes: used * MIB, quotaBytes: 512 * MIB, refuses });

test.for([
  ['an empty datastore', use(5), undefined],
  ['one with room', use(434), undefined],
  ['one that is nearly full', use(436), 'EtcdNearlyFull'],
  ['one that is full and still takes writes', use(512), 'EtcdNearlyFull'],
  ['one that refuses writes', use(511, true), 'EtcdFull'],
  ['one whose alarm is left from before', use(5, true), 'EtcdFull'],
] as const)('pressureOf %s', ([, used, reason]) => {
  const pressure = pressureOf(used, 'data-shop-etcd-0');
  expect(pressure?.reason).toBe(reason);
  if (reason) expect(pressure?.message).toMatch(/ of 512 MiB on claim data-shop-etcd-0.*defragment.*enlarge/);
});

test('isOutOfSpace knows the alarm of etcd in the words of an API server', () => {
  expect(isOutOfSpace('etcdserver: mvcc: database space exceeded')).toBe(true);
  expect(isOutOfSpace('etcdserver: request timed out')).toBe(false);
});
