import { describe, expect, test } from 'vitest';
import { addressesIn, chooseSubnet, overlaps } from './addresses.ts';

describe('two ranges overlap', () => {
  test.each([
    ['when one holds the other', '10.0.0.0/8', '10.210.7.0/24', true],
    ['when one is an address in the other', '10.210.7.9', '10.210.7.0/24', true],
    ['not when they are neighbours', '10.210.6.0/24', '10.210.7.0/24', false],
    ['not when one is IPv6', 'fd00::/8', '10.210.7.0/24', false],
    ['not when one is no range at all', 'broadcast', '10.210.7.0/24', false],
  ])('%s', (_, a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected);
    expect(overlaps(b, a)).toBe(expected);
  });
});

describe('the subnet of a clone', () => {
  test('is the remembered one while it is free', () => {
    expect(chooseSubnet('pn-1', ['192.168.1.0/24'], '10.210.9.0/24')).toBe('10.210.9.0/24');
  });

  test('is another one when somebody else has taken the remembered one', () => {
    expect(chooseSubnet('pn-1', ['10.210.9.1'], '10.210.9.0/24')).not.toBe('10.210.9.0/24');
  });

  test('is the next free one when its first choice is taken', () => {
    const first = chooseSubnet('pn-1', []);
    const second = chooseSubnet('pn-1', [first]);
    expect(second).not.toBe(first);
    expect(overlaps(first, second)).toBe(false);
  });

  test('differs between clones that start at the same time', () => {
    expect(chooseSubnet('pn-1', [])).not.toBe(chooseSubnet('pn-2', []));
  });

  test('is an error that says what to do when nothing is free', () => {
    expect(() => chooseSubnet('pn-1', ['10.0.0.0/8'])).toThrow(/remove links or routes/);
  });
});

test('machines have addresses and pod ranges of their own', () => {
  const { host, machines } = addressesIn('10.210.7.0/24');
  expect(host).toBe('10.210.7.1');
  expect(machines.map((m) => `${m.name} ${m.address} ${m.podRange}`)).toEqual([
    'control-plane 10.210.7.10 10.244.0.0/24',
    'worker-1 10.210.7.11 10.244.1.0/24',
    'worker-2 10.210.7.12 10.244.2.0/24',
    'worker-3 10.210.7.13 10.244.3.0/24',
  ]);
});
