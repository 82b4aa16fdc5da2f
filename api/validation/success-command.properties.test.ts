import fc from 'fast-check';
import { expect, test } from 'vitest';
import { whyItCannotFail } from './success-command.ts';

/** PINION_TEST_SEED repeats a run; a failure shows the smallest counterexample. */
const seed = Number(process.env['PINION_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`PINION_TEST_SEED=${seed}`);
fc.configureGlobal({ seed, numRuns: 300 });

/** Commands, and whether each can fail; all of them can succeed. */
const COMMANDS = new Map([
  ['kubectl get deployment web', true],
  ['curl -f https://web.example', true],
  ['test "$(kubectl get a || true)" = b', true],
  ['kubectl get pods | grep -q Running', true],
  ['(kubectl get a; kubectl get b)', true],
  ['echo ok', false],
  ['true', false],
  ['kubectl get pods | cat', false],
  ["echo 'a && b; c'", false],
]);
const command = fc.constantFrom(...COMMANDS.keys());
const operator = fc.constantFrom(' && ', ' || ', '; ', '\n');
const script = fc.tuple(command, fc.array(fc.tuple(operator, command), { maxLength: 5 }));

/** Exit codes that the shell may end with, 0 or 1, when each command may succeed and some may fail. */
function exitCodes([first, rest]: [string, [string, string][]]): Set<number> {
  const codesOf = (name: string) => (COMMANDS.get(name) ? [0, 1] : [0]);
  let codes = codesOf(first);
  for (const [separator, name] of rest) {
    codes = codes.flatMap((code) => {
      const isSkipped = (separator === ' && ' && code !== 0) || (separator === ' || ' && code === 0);
      return isSkipped ? [code] : codesOf(name);
    });
  }
  return new Set(codes);
}

test('whyItCannotFail finds exactly the scripts that the shell always ends with 0', () => {
  fc.assert(
    fc.property(script, ([first, rest]) => {
      const text = first + rest.flat().join('');
      const canFail = exitCodes([first, rest]).has(1);
      expect(whyItCannotFail(text) === undefined, text).toBe(canFail);
    }),
  );
});

test('whyItCannotFail accepts every script that may exit early with a failure', () => {
  fc.assert(
    fc.property(script, ([first, rest]) => {
      expect(whyItCannotFail(`set -e\n${first}${rest.flat().join('')}`)).toBeUndefined();
    }),
  );
});

test('whyItCannotFail returns for any text', () => {
  const special = fc.string({
    unit: fc.constantFrom('a', '&', '|', ';', '(', ')', '{', '}', "'", '"', '\\', '`', '\n', '#', ' '),
  });
  fc.assert(
    fc.property(fc.oneof(special, fc.string()), (text) => {
      expect(['string', 'undefined']).toContain(typeof whyItCannotFail(text));
    }),
  );
});
