import { expect, test } from 'vitest';
import { parseValues, type Values } from './values.ts';

const read: [string, Values, object][] = [
  ['an object', { a: { b: 1 } }, { a: { b: 1 } }],
  ['a text of YAML', 'a:\n  b: [1, "2"]\n', { a: { b: [1, '2'] } }],
  ['an empty text', '', {}],
  ['a text of comments', '# replicas: 2\n\n', {}],
  ['a text of blanks and comments', `  \n---\n\t# a\n${' '.repeat(1_000_000)}\n`, {}],
  ['a megabyte of blanks before a value', `${' '.repeat(1_000_000)}a: 1`, { a: 1 }],
  [
    'words and numbers as Helm reads them',
    'a: no\nb: 0644\nc: &c {d: 1}\ne: {<<: *c}',
    { a: false, b: 420, c: { d: 1 }, e: { d: 1 } },
  ],
  ['an empty list', [], {}],
  ['assignments', ['a.b=1', 'c[1]=x'], { a: { b: 1 }, c: [undefined, 'x'] }],
  [
    'types as helm --set infers them',
    ['i=2', 't=true', 'n=null', 's=1.5', 'z=007', 'l={a,1}', 'e={}'],
    { i: 2, t: true, n: null, s: '1.5', z: '007', l: ['a', 1], e: [] },
  ],
  ['two assignments in one', ['a=1,b.c=2'], { a: 1, b: { c: 2 } }],
  ['a comma that belongs to the value', ['a=x,y'], { a: 'x,y' }],
  ['an escaped comma', ['a=x\\,b=1'], { a: 'x,b=1' }],
  ['a comma in a list', ['a={b=1,c=2}'], { a: ['b=1', 'c=2'] }],
  ['an escaped dot', ['a\\.b=1'], { 'a.b': 1 }],
  ['an = in the value', ['a=b=c'], { a: 'b=c' }],
  ['a comma in a list, and one after it', ['a={b=1,c=2},d=3,e={x}'], { a: ['b=1', 'c=2'], d: 3, e: ['x'] }],
  ['a value that begins with a comma', ['a=,b=1'], { a: '', b: 1 }],
];
test.each(read)('parseValues reads %s', (_what, given, tree) => {
  expect(parseValues(given)).toEqual(tree);
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
  ['an entry without a key', ['=a'], /is not key=value/],
  ['an index over 1000', ['a[1001]=x'], /is not a path/],
  ['a key of the prototype', ['__proto__.a=x'], /can't be a key/],
  ['aliases that expand to millions of nodes', bomb, /at most|not YAML/],
  ['hundreds of nested lists', deep, /levels|not YAML/],
  ['thousands of nested braces', [`a=${'{'.repeat(50_000)}${'}'.repeat(50_000)}`], /levels/],
  ['hundreds of levels in a key', [`a${'.a'.repeat(400)}=1`], /levels/],
  ['a key of a megabyte', [`a${'[1]'.repeat(300_000)}x=1`], /at most 1024/],
  [
    'lists that are nearly empty and very long',
    Array.from({ length: 200 }, (_, i) => `a${i}[1000]=1`),
    /entries/,
  ],
] as [string, Values, RegExp][])('parseValues refuses %s', (_what, given, message) => {
  expect(() => parseValues(given)).toThrow(message);
});

test('parseValues reads 100,000 assignments in one text within 5 seconds', { timeout: 5000 }, () => {
  expect(parseValues(['a=1,'.repeat(100_000)])).toEqual({ a: '1,' });
});
