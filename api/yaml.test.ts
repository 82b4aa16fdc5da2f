import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { escapeForYaml, readAllYaml, readYaml } from './yaml.ts';

test.for([
  ['a date', 'a: 2026-02-03', '2026-02-03'],
  ['a date with a time', 'a: 2027-01-31T10:00:00Z', '2027-01-31T10:00:00Z'],
  ['a time', 'a: 12:30', '12:30'],
  ['a time with seconds', 'a: 1:02:03.5', '1:02:03.5'],
  ['an octal', 'a: 0644', 420],
  ['yes', 'a: yes', true],
  ['Off', 'a: Off', false],
  ['a key that is there twice', 'a: 1\na: 2', 2],
  ['a merge key with an override', 'b: &b {c: 1, d: 1}\na: {<<: *b, c: 2}', { c: 2, d: 1 }],
] as const)('readYaml reads %s as Kubernetes does', ([, text, value]) => {
  expect(readYaml(text)).toHaveProperty('a', value);
});

test('readAllYaml finds no document in comments', () => {
  expect(readAllYaml('# a\n')).toEqual([]);
});

test('escapeForYaml writes what a reader of YAML takes for the same text', () => {
  const text = `${Array.from({ length: 0x300 }, (_, i) => String.fromCharCode(i)).join('')}\u2028\uFEFF\uFFFE\u{1F426}`;
  expect(JSON.parse(escapeForYaml(JSON.stringify(text)))).toBe(text);
  expect(load(escapeForYaml(JSON.stringify(text)))).toBe(text);
});
