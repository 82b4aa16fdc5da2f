import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TerminalError } from '../errors.ts';
import { parseValues, type Values } from './values.ts';

/** PINION_TEST_SEED repeats a run; a failure shows the smallest counterexample. */
const seed = Number(process.env['PINION_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`PINION_TEST_SEED=${seed}`);
fc.configureGlobal({ seed, numRuns: 300 });

const key = fc.stringMatching(/^[a-z]{1,5}(\.[a-z]{1,5}){0,2}$/);
/** Values without the characters that assignments give a meaning to. */
const plain = fc.stringMatching(/^[A-Za-z0-9 :/_-]{0,12}$/);
const assignment = fc.tuple(key, plain).map(([name, value]) => `${name}=${value}`);

/** What parseValues returns, or the reason of the refusal; two keys may contradict each other. */
function outcomeOf(values: Values): unknown {
  try {
    return parseValues(values);
  } catch (error) {
    if (error instanceof TerminalError) return error.reason;
    throw error;
  }
}

test('parseValues reads assignments joined by commas like separate ones', () => {
  fc.assert(
    fc.property(fc.array(assignment, { minLength: 1, maxLength: 6 }), (assignments) => {
      expect(outcomeOf([assignments.join(',')])).toEqual(outcomeOf(assignments));
    }),
  );
});

test('parseValues keeps escaped commas in the value', () => {
  fc.assert(
    fc.property(fc.array(assignment, { minLength: 2, maxLength: 4 }), (parts) => {
      const value = parts.join(',');
      expect(parseValues([`text=${parts.join('\\,')}`])).toEqual({ text: value });
    }),
  );
});

test('parseValues keeps commas in braces as separators of one list', () => {
  const item = fc.stringMatching(/^[a-z]{1,4}=[a-z]{1,4}$/);
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), assignment, (items, last) => {
      const list = `list={${items.join(',')}}`;
      expect(outcomeOf([`${list},${last}`])).toEqual(outcomeOf([list, last]));
      expect(parseValues([list])).toEqual({ list: items });
    }),
  );
});

test('parseValues returns a mapping or refuses with a reason, whatever the text', () => {
  const special = fc.string({
    unit: fc.constantFrom('a', '=', ',', '\\', '{', '}', '[', ']', '1', '.', ' '),
  });
  fc.assert(
    fc.property(fc.oneof(special, fc.string()), (text) => {
      expect(outcomeOf([text])).toSatisfy((value) => value === 'InvalidValues' || typeof value === 'object');
      expect(outcomeOf(text)).toSatisfy((value) => value === 'InvalidValues' || typeof value === 'object');
    }),
  );
});
