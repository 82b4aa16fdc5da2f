import { expect, test } from 'vitest';
import { chooseVersion } from './versions.ts';

const versions = ['1.2.0', '1.10.1', '2.0.0-rc.1', 'v1.9.0', '0.3.0+build', 'latest'];

test.for([
  [undefined, '1.10.1'],
  ['1.2.0', '1.2.0'],
  ['v1.9.0', 'v1.9.0'],
  ['1.9.0', 'v1.9.0'],
  ['1.2', '1.2.0'],
  ['1.x', '1.10.1'],
  ['~1.2', '1.2.0'],
  ['^1.2.0', '1.10.1'],
  ['>= 1.2, < 1.10', 'v1.9.0'],
  ['<1 || 1.2.x', '1.2.0'],
  ['>=2.0.0-0', '2.0.0-rc.1'],
  ['0.3.0', '0.3.0+build'],
  ['latest', 'latest'],
] as const)('%s means %s', ([wanted, expected]) => {
  expect(chooseVersion('chart web', versions, wanted)).toBe(expected);
});

test.for([
  ['3.x', /has no version 3.x; it has 2.0.0-rc.1, 1.10.1/],
  ['two', /"two" is neither a version nor a range/],
] as const)('%s is refused', ([wanted, says]) => {
  expect(() => chooseVersion('chart web', versions, wanted)).toThrow(says);
});
