import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { issueAuthority } from '#kube/certificates/issue.ts';
import { type Config, readConfig } from './config.ts';

const directory = mkdtempSync(join(tmpdir(), 'pinion-config-'));
const life = { now: Date.now(), lifeMs: 3_600_000 };
const { cert, key } = await issueAuthority('callers', life);
const other = await issueAuthority('others', life);

function clientCa(text: string) {
  const path = join(directory, 'ca.crt');
  writeFileSync(path, text);
  return (readConfig([`--client-ca=${path}`]) as Config).clientCa;
}

test('a bundle of client CAs is read with all its certificates, and without what else it holds', () => {
  expect(clientCa(`# old\n${cert}# new\n${other.cert.trim()}${key}`)).toBe(`${cert}\n${other.cert.trim()}`);
});

test('without --client-ca there is none', () => {
  expect(readConfig([])).toMatchObject({ clientCa: undefined });
});

test.each([
  ['is empty', '', /holds no certificate; it must be a PEM file of CAs/],
  ['holds a key only', key, /holds no certificate/],
  ['holds a broken certificate', cert.replace('MII', 'AAA'), /can't be read: /],
])('a --client-ca file that %s is refused by readConfig', (_what, text, message) => {
  expect(() => clientCa(text)).toThrow(message);
});

test('a --client-ca file that is not there is refused by readConfig', () => {
  expect(() => readConfig(['--client-ca=/nowhere/ca.crt'])).toThrow(
    /"\/nowhere\/ca.crt" can't be read: ENOENT/,
  );
});

test('an --allow-source-cidrs that is no range is refused by readConfig', () => {
  expect(() => readConfig(['--allow-source-cidrs=10.0.0.1'])).toThrow(/10\.0\.0\.1\/32/);
});
