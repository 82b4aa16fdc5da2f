import { expect, test } from 'vitest';
import { secretForms } from './secret-forms.ts';

const SECRET = 'canary/value/0123456789';
const isFound = (text: string) => secretForms(SECRET).some((form) => text.includes(form));
const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  ['as it is', `password: ${SECRET}\n`],
  ['in a URL', `https://user:${encodeURIComponent(SECRET)}@example.com`],
  ['in base64, alone', base64(SECRET)],
  ['in base64, after one byte', base64(`:${SECRET}:x`)],
  ['in base64, after two bytes', base64(`u:${SECRET}`)],
  ['in base64, in the middle of a file', base64(`password: "${SECRET}"\nother: 1\n`)],
])('secretForms find a secret %s', (_where, text) => {
  expect(isFound(text)).toBe(true);
});

test('secretForms find nothing in the base64 of another secret', () => {
  expect(isFound(base64('canary/other/9876543210'))).toBe(false);
});

test('secretForms are long enough not to match by chance', () => {
  for (const form of secretForms(SECRET)) expect(form.length).toBeGreaterThanOrEqual(SECRET.length);
});
