import fc from 'fast-check';

const VARIABLE = 'PINION_TEST_SEED';

/**
 * Checks a property with random inputs. A failure shows the smallest counterexample; PINION_TEST_SEED repeats a run, and
 * the seed is printed.
 */
export function checkProperty<Inputs>(property: fc.IProperty<Inputs>): void {
  const seed = Number(process.env[VARIABLE] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${VARIABLE}=${seed}`);
  fc.assert(property, { seed, numRuns: 300 });
}
