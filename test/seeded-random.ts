/** Random choices of tests that can be repeated. */
import { randomInt } from 'node:crypto';

const VARIABLE = 'PINION_TEST_SEED';
const LARGEST_SEED = 2 ** 31;

/** A generator of numbers from 0 up to and not including 1; the same seed gives the same numbers (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A generator for one test file. It takes its seed from PINION_TEST_SEED, or picks one, and prints it: call it once,
 * outside of the tests.
 * @throws TypeError when the variable is not a whole number from 0 to 2147483647
 */
export function seededRandom(text = process.env[VARIABLE], print = console.log): () => number {
  const seed = text === undefined ? randomInt(LARGEST_SEED) : Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed >= LARGEST_SEED) {
    throw new TypeError(`${VARIABLE} "${text}" must be a whole number from 0 to ${LARGEST_SEED - 1}`);
  }
  print(`${VARIABLE}=${seed} repeats the random choices of this file`);
  return generator(seed);
}
