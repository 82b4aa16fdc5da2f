import { expect, test } from 'vitest';
import { createLineRedactor, createRedactor } from './redactor.ts';

const secret = 'p@ss/w"rd+1&é';
const pem = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n';

test.for([
  ['raw', secret],
  ['base64', Buffer.from(secret).toString('base64')],
  ['base64url', Buffer.from(secret).toString('base64url')],
  ['URL-encoded', encodeURIComponent(secret)],
  ['form-encoded', new URLSearchParams({ a: secret }).toString().slice(2)],
  ['JSON-escaped', JSON.stringify(secret).slice(1, -1)],
  ['base64 after one byte', Buffer.from(`u${secret}tail`).toString('base64')],
  ['base64 after two bytes', Buffer.from(`u:${secret}tail`).toString('base64')],
])('the %s form of a secret is masked', ([, text]) => {
  const redactor = createRedactor();
  redactor.add(secret);
  const clean = redactor.redact(`before ${text} after`);
  expect(clean).toMatch(/^before .*\*\*\*.* after$/);
  // At an odd offset the first and last characters also carry neighbouring bytes; the middle is what counts.
  expect(clean).not.toContain(text?.slice(3, -6));
});

test('each line of a key is masked where it stands alone and indented', () => {
  const redactor = createRedactor();
  redactor.add(pem);
  expect(redactor.redact('    MIIEvQIBADANBgkq')).toBe('    ***');
  expect(redactor.redact('-----BEGIN KEY-----')).toBe('-----BEGIN KEY-----');
});

test.for(['on', '42', 'abc', 'true', 'null', ''])('"%s" is too common to be looked for', (short) => {
  const redactor = createRedactor();
  redactor.add(short);
  expect(redactor.redact('on 42 abc true null')).toBe('on 42 abc true null');
});

test('a longer secret wins over one that it contains', () => {
  const redactor = createRedactor();
  redactor.add('abcd');
  redactor.add('abcdefgh');
  expect(redactor.redact('abcdefgh')).toBe('***');
});

test('a secret that is cut by chunks is found, even in a line without an end', () => {
  const redactor = createRedactor();
  redactor.add('hunter2hunter2');
  const lines: string[] = [];
  const stream = createLineRedactor(redactor, (line) => lines.push(line));
  for (const chunk of ['one hun', 'ter2hunt', 'er2 two\nthr', 'ee']) stream.write(chunk);
  const filler = 'x'.repeat(64 * 1024 - 4);
  stream.write(`\n${filler}hunter2h`);
  stream.write('unter2');
  // It does not wait for an end that may never come.
  expect(lines).toHaveLength(3);
  stream.end();
  expect(lines.slice(0, 2)).toEqual(['one *** two', 'three']);
  expect(lines.join('')).not.toContain('hunter2');
});

test('secrets that overlap are masked as one', () => {
  const redactor = createRedactor();
  redactor.add('abcdef');
  redactor.add('efghij');
  expect(redactor.redact('<abcdefghij>')).toBe('<***>');
});

/** Text of that many bytes that doesn't repeat itself. */
const longText = (bytes: number) =>
  Array.from({ length: Math.ceil(bytes / 10) }, (_, index) => `${index}`.padStart(10, 'v'))
    .join('')
    .slice(0, bytes);

test.for([10, 30_000, 900_000])('a secret of %i bytes is masked, whole, encoded and in a stream', (bytes) => {
  const long = longText(bytes);
  const redactor = createRedactor();
  redactor.add(long);
  redactor.add('canary-secret');
  expect(redactor.redact(`<${long}> canary-secret`)).toBe('<***> ***');
  expect(redactor.redact(`<${Buffer.from(long).toString('base64')}>`)).toBe('<***>');

  const lines: string[] = [];
  const stream = createLineRedactor(redactor, (line) => lines.push(line));
  const text = `<${long}>${'x'.repeat(200_000)} canary-secret\n`;
  for (let at = 0; at < text.length; at += 64_000) stream.write(text.slice(at, at + 64_000));
  stream.end();
  expect(lines.join('')).toBe(`<***>${'x'.repeat(200_000)} ***`);
});

test('one of many secrets is found after a long log without any', () => {
  const redactor = createRedactor();
  for (let index = 0; index < 5000; index++) redactor.add(`secret-number-${index}-end`);
  for (let index = 0; index < 1000; index++) redactor.redact(`line ${index} of a log without any of them`);
  expect(redactor.redact('a secret-number-4999-end')).toBe('a ***');
});
