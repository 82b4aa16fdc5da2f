import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { issueAuthority } from '#kube/certificates/issue.ts';
import { readConfig } from './config.ts';

const directory = mkdtempSync(join(tmpdir(), 'pinion-config-'));
const life = { now: Date.now(), lifeMs: 3_600_000 };
const { cert, key } = await issueAuthority('callers', life);
const other = await issueAuthority('others', life);

function read(...args: string[]) {
  const start = readConfig(args);
  switch (start.kind) {
    case 'run':
      return start.config;
    case 'exit':
      throw new Error(start.code === 2 ? start.stderr : start.stdout);
  }
}

function clientCa(text: string) {
  const path = join(directory, 'ca.crt');
  writeFileSync(path, text);
  return read(`--client-ca=${path}`).clientCa;
}

test('--client-ca reads all certificates of a bundle and nothing else in it', () => {
  expect(clientCa(`# old\n${cert}# new\n${other.cert.trim()}${key}`)).toBe(`${cert}\n${other.cert.trim()}`);
});

test('without --client-ca the configuration has no client CA', () => {
  expect(read()).toMatchObject({ clientCa: undefined });
});

test.each([
  ['is empty', '', /contains no certificate; it must be a PEM file of CAs/],
  ['contains only a key', key, /contains no certificate/],
  ['contains a broken certificate', cert.replace('MII', 'AAA'), /cannot be read: /],
])('--client-ca refuses a file that %s', (_what, text, message) => {
  expect(() => clientCa(text)).toThrow(message);
});

test('--client-ca refuses a file that does not exist', () => {
  expect(() => read('--client-ca=/nowhere/ca.crt')).toThrow(/"\/nowhere\/ca.crt" cannot be read: ENOENT/);
});

test('--allow-source-cidrs refuses an address that is not a range', () => {
  expect(() => read('--allow-source-cidrs=10.0.0.1')).toThrow(/10\.0\.0\.1\/32/);
});

test('the serving certificate is for the names of the Service and for every --serving-name', () => {
  const { dnsNames } = read(
    '--namespace=ns',
    '--service=hook',
    '--serving-name=a.example',
    '--serving-name=192.0.2.1',
  );
  expect(dnsNames).toEqual(['hook.ns.svc', 'hook.ns.svc.cluster.local', 'a.example', '192.0.2.1']);
});
