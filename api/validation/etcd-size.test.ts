import { describe, expect, test } from 'vitest';
import { quantityValue } from '../quantity.ts';
import { etcdQuotaBytes, smallEtcdWarning } from './etcd-size.ts';

const MIB = 2 ** 20;

describe('etcdQuotaBytes', () => {
  test.for([
    ['100Mi', 25],
    ['256Mi', 64],
    ['512Mi', 170],
    ['1Gi', 512],
    ['2Gi', 1194],
    ['10Gi', 6656],
    ['1G', 465],
    ['13Gi', 8192],
    ['1Ti', 8192],
    ['1Mi', 1],
  ] as const)('of a volume of %s is %d MiB', ([size, mebibytes]) => {
    expect(etcdQuotaBytes(size) / MIB).toBe(mebibytes);
  });

  test.for(['512Mi', '1Gi', '3Gi', '10Gi', '100Gi'])(
    'leaves room on %s for the log and for a defragmentation of half of it',
    (size) => {
      const quota = etcdQuotaBytes(size);
      expect(quota + quota / 2 + 256 * MIB).toBeLessThanOrEqual(quantityValue(size));
    },
  );
});

test.for([
  ['100Mi', /etcdUnitSize 100Mi is small.*at least 512Mi/],
  ['511Mi', /511Mi is small/],
  ['512Mi', undefined],
  [undefined, undefined],
] as const)('an etcdUnitSize of %s warns %s', ([size, expected]) => {
  const warning = smallEtcdWarning(size);
  if (expected) expect(warning).toMatch(expected);
  else expect(warning).toBeUndefined();
});
