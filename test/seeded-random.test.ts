import { expect, test } from 'vitest';
import { generator, seededRandom } from './seeded-random.ts';

const first = (random: () => number) => Array.from({ length: 1000 }, random);

test('generator repeats its numbers for the same seed and differs for another', () => {
  expect(first(generator(7))).toEqual(first(generator(7)));
  expect(first(generator(7))).not.toEqual(first(generator(8)));
});

test('generator spreads its numbers from 0 to 1', () => {
  const numbers = first(generator(7));
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  for (const tenth of Array.from({ length: 10 }, (_, i) => i)) {
    expect(numbers.filter((number) => Math.floor(number * 10) === tenth).length).toBeGreaterThan(50);
  }
});

test('seededRandom takes the seed that it is given and prints it', () => {
  const lines: string[] = [];
  const random = seededRandom('7', (line) => lines.push(line));
  expect(first(random)).toEqual(first(generator(7)));
  expect(lines).toEqual([expect.stringContaining('PINION_TEST_SEED=7')]);
});

test.each(['-1', '1.5', 'seven', '2147483648'])('seededRandom rejects the seed %s', (seed) => {
  expect(() => seededRandom(seed)).toThrow(TypeError);
});
