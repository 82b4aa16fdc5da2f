import { describe, expect, test } from 'vitest';
import { addressesIn, chooseSubnet, overlaps } from './addresses.ts';

describe('overlaps says of two ranges', () => {
  test.each([
    ['that they overlap when one contains the other', '10.0.0.0/8', '10.210.7.0/24', true],
    ['that they overlap when one is an address in the other', '10.210.7.9', '10.210.7.0/24', true],
    ['that neighbours do not overlap', '10.210.6.0/24', '10.210.7.0/24', false],
    ['that an IPv6 range overlaps no IPv4 range', 'fd00::/8', '10.210.7.0/24', false],
    ['that a text that is not a range overlaps nothing', 'broadcast', '10.210.7.0/24', false],
  ])('%s', (_, a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected);
    expect(overlaps(b, a)).toBe(expected);
  });
});

describe('chooseSubnet', () => {
  test('keeps the remembered subnet while it is free', () => {
    expect(chooseSubnet('pn-1', ['192.168.1.0/24'], '10.210.9.0/24')).toBe('10.210.9.0/24');
  });

  test('takes the first choice of the clone when the remembered subnet is taken', () => {
    const remembered = '10.210.9.0/24';
    expect(chooseSubnet('pn-1', [])).not.toBe(remembered);
    expect(chooseSubnet('pn-1', ['10.210.9.1'], remembered)).toBe(chooseSubnet('pn-1', []));
  });

  test('takes the next free subnet when the first choice is taken', () => {
    const first = chooseSubnet('pn-1', []);
    const second = chooseSubnet('pn-1', [first]);
    expect(second).not.toBe(first);
    expect(overlaps(first, second)).toBe(false);
  });

  test('gives two clones different subnets', () => {
    expect(chooseSubnet('pn-1', [])).not.toBe(chooseSubnet('pn-2', []));
  });

  test('throws an error that says what to do when no subnet is free', () => {
    expect(() => chooseSubnet('pn-1', ['10.0.0.0/8'])).toThrow(/remove links or routes/);
  });
});

test('addressesIn gives each machine its own address and pod range', () => {
  const { host, machines } = addressesIn('10.210.7.0/24');
  expect(host).toBe('10.210.7.1');
  expect(machines.map((m) => `${m.name} ${m.address} ${m.podRange}`)).toEqual([
    'control-plane 10.210.7.10 10.244.0.0/24',
    'worker-1 10.210.7.11 10.244.1.0/24',
    'worker-2 10.210.7.12 10.244.2.0/24',
    'worker-3 10.210.7.13 10.244.3.0/24',
  ]);
});
