import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TerminalError } from '../errors.ts';
import { checkValues, type Values } from './values.ts';

/** PINION_TEST_SEED repeats a run; a failure shows the smallest counterexample. */
const seed = Number(process.env['PINION_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`PINION_TEST_SEED=${seed}`);
fc.configureGlobal({ seed, numRuns: 300 });

/** The reason of the refusal, or nothing. */
function reasonOf(values: Values): string | undefined {
  try {
    checkValues(values);
    return undefined;
  } catch (error) {
    if (error instanceof TerminalError) return error.reason;
    throw error;
  }
}

test('checkValues accepts values or refuses them with a reason, whatever the text', () => {
  const special = fc.string({
    unit: fc.constantFrom('a', '=', ',', '\\', '{', '}', '[', ']', '1', '.', ' ', ':', '\n', '&a', '*a'),
  });
  fc.assert(
    fc.property(fc.oneof(special, fc.string()), (text) => {
      expect([undefined, 'InvalidValues']).toContain(reasonOf([text]));
      expect([undefined, 'InvalidValues']).toContain(reasonOf(text));
    }),
  );
});
