import { expect, test } from 'vitest';
import { quantityValue } from './quantity.ts';

test.for<[string, string | number, number]>([
  ['a whole number', 10, 10],
  ['a whole number as text', '10', 10],
  ['thousandths', '1500m', 1.5],
  ['a binary suffix', '100Gi', 100 * 2 ** 30],
  ['a decimal suffix', '2k', 2000],
  ['a fraction with a suffix', '0.5Gi', 2 ** 29],
  ['an exponent', '1e3', 1000],
  ['E as a suffix when no digits follow', '1E', 1e18],
  ['a suffix without a number as NaN', 'Gi', Number.NaN],
  ['an unknown suffix as NaN', '1GB', Number.NaN],
])('quantityValue reads %s', ([, quantity, value]) => {
  expect(quantityValue(quantity)).toBe(value);
});
