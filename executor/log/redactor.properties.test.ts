import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secretForms } from '#test/secret-forms.ts';
import { seededRandom } from '#test/seeded-random.ts';
import { createLineRedactor, createRedactor } from './redactor.ts';

const settings = { seed: Math.floor(seededRandom()() * 2 ** 31), numRuns: 150 };

const json = (text: string) => JSON.stringify(text).slice(1, -1);
const unicodeEscaped = (text: string) =>
  text.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const base64 = (before: string) => (text: string) =>
  Buffer.from(`${before}${text}${before}`).toString('base64');

/** How tools write a text on one line. */
const ENCODINGS: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'in base64': base64(''),
  'in base64 with neighbours, 1': base64('~'),
  'in base64 with neighbours, 2': base64('~~'),
  'in base64 with neighbours, 3': base64('~~~'),
  'in base64url': (text) => Buffer.from(text).toString('base64url'),
  'URL-encoded': encodeURIComponent,
  'URL-encoded in small letters': (text) =>
    encodeURIComponent(text).replaceAll(/%../g, (one) => one.toLowerCase()),
  'all URL-encoded': (text) => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&'),
  'in a form': (text) => new URLSearchParams({ '': text }).toString().slice(1),
  'in JSON': json,
  'in JSON in JSON': (text) => json(json(text)),
  'in JSON of ASCII': (text) => unicodeEscaped(json(text)),
  "in Go's JSON": (text) =>
    json(text).replaceAll(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`),
  'in single quotes of YAML': (text) => text.replaceAll("'", "''"),
  'in single quotes of a shell': (text) => text.replaceAll("'", "'\\''"),
};

/** Without the marks that the test itself writes, and not so uniform that its encoding stands elsewhere by chance. */
const secretText = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 4, maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...'aB3/+=%\\"\'<&é漢🪶 -_u0n'), minLength: 4, maxLength: 60 }),
    fc.stringMatching(/^[A-Za-z0-9]{4,40}$/),
  )
  .filter((text) => text.trim().length >= 4 && !/[*~\r\n]|^(true|false|null|none)$/i.test(text.trim()));

/** What a stream of these pieces comes to. */
function streamed(secrets: string[], text: string, cuts: number[]): string {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.add(secret);
  const lines: string[] = [];
  const stream = createLineRedactor(redactor, (line) => lines.push(line));
  let from = 0;
  for (const cut of [...cuts.map((one) => one % (text.length + 1)), text.length].sort((a, b) => a - b)) {
    stream.write(text.slice(from, cut));
    from = cut;
  }
  stream.end();
  return lines.join('');
}

test.for(Object.entries(ENCODINGS))('no secret is visible %s, wherever a stream is cut', ([, encode]) => {
  const property = fc.property(
    fc.array(secretText, { minLength: 1, maxLength: 4 }),
    fc.array(fc.nat(), { maxLength: 5 }),
    (secrets, cuts) => {
      const text = secrets.map((secret) => `~${encode(secret)}~`).join(' ');
      const shown = streamed(secrets, text, cuts);
      for (const secret of secrets) {
        for (const form of [encode(secret), ...secretForms(secret.trim())]) {
          if (form.length >= 4) expect(shown).not.toContain(form);
        }
      }
    },
  );
  fc.assert(property, settings);
});

test('no secret is visible in a line that has no end, though other secrets are a part of it', () => {
  const filler = fc.stringMatching(/^[a-f ]{0,3}$/).map((text) => `${text}~`.repeat(30_000));
  const property = fc.property(
    fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 10, maxLength: 200 }),
    fc.array(filler, { minLength: 1, maxLength: 2 }),
    fc.array(fc.nat(), { maxLength: 5 }),
    (long, fillers, cuts) => {
      const secrets = [long, long.slice(3, 8), long.slice(-6)];
      const shown = streamed(secrets, fillers.map((one) => `${one}${long}`).join(''), cuts);
      expect(shown).not.toMatch(/[ab]{9}/);
      expect(shown).not.toContain(long.slice(-6));
    },
  );
  fc.assert(property, { ...settings, numRuns: 50 });
});
