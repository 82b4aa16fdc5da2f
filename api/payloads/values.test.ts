import { expect, test } from 'vitest';
import { checkValues, type Values, valuesDocument } from './values.ts';

const accepted: [string, Values][] = [
  ['an object', { a: { b: 1 } }],
  ['a text of YAML', 'a:\n  b: [1, "2"]\n'],
  ['an empty text', ''],
  ['a text of comments', '# replicas: 2\n\n'],
  ['a text of blanks and comments', `  \n---\n# a\n${' '.repeat(1_000_000)}\n`],
  ['a megabyte of blanks before a value', `${' '.repeat(1_000_000)}a: 1`],
  ['words, octals and merge keys', 'a: no\nb: 0644\nc: &c {d: 1}\ne: {<<: *c, d: 2}'],
  ['the same key twice, of which the last one counts', 'a: 1\na: 2'],
  ['two documents, which Helm merges', 'a: 1\n---\nb: 2'],
  ['a text with a byte order mark', '\uFEFFa: 1'],
  ['an empty list', []],
  ['assignments', ['a.b=1', 'c[1]=x']],
  ['an empty assignment, which Helm passes over', ['', 'a.', '=a']],
  ['an escaped dot and a slash in a key', ['a\\.b/c=1,d=2']],
  ['a name of an object prototype', ['__proto__.a=x']],
];
test.each(accepted)('checkValues accepts %s', (_what, given) => {
  expect(() => checkValues(given)).not.toThrow();
});

test.each([
  ['a text as it is written', 'a: 0644 # octal', 'a: 0644 # octal'],
  ['a list as JSON, for the executor', ['a=False', 'b=\\,'], '["a=False","b=\\\\,"]'],
  ['an object with what YAML wants escaped', { a: '\u0080\uFEFF' }, '{"a":"\\u0080\\ufeff"}'],
] as [string, Values, string][])('valuesDocument writes %s', (_what, given, text) => {
  expect(valuesDocument(given)).toBe(text);
});

/** Nine levels of nine aliases: 400 bytes that mean 387 million nodes. */
const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 8 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`).join('\n')}`;
const deep = `a: ${'['.repeat(500)}${']'.repeat(500)}`;

test.each([
  ['a number that JSON can only round', { a: { b: [1, 2 ** 53] } }, /number at "1" is too large/],
  ['a list', '- a', /must be a mapping.*found a list/],
  ['a text that is a plain string', 'abc', /must be a mapping.*found a string/],
  ['text that is not YAML', 'a: [', /not YAML/],
  ['an entry without =', ['a'], /"a" is not key=value/],
  ['aliases that expand to millions of nodes', bomb, /at most|not YAML/],
  ['hundreds of nested lists', deep, /levels|not YAML/],
  ['a key of a megabyte', [`a${'[1]'.repeat(300_000)}x=1`], /at most 65536 are accepted/],
  ['hundreds of indexes in a row', [`a${'[0]'.repeat(300)}=1`], /indexes of the list/],
  [
    'lists that are nearly empty and very long',
    Array.from({ length: 200 }, (_, i) => `a${i}[1000]=1`),
    /entries/,
  ],
] as [string, Values, RegExp][])('checkValues refuses %s', (_what, given, message) => {
  expect(() => checkValues(given)).toThrow(message);
});
