import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { isKeyNamed } from './named-key.ts';

async function isNamed(files: Record<string, string | Buffer>, values = '', set: string[] = []) {
  const top = await mkdtemp(join(tmpdir(), 'pinion-named-'));
  onTestFinished(() => rm(top, { recursive: true }));
  for (const [path, text] of Object.entries({ ...files, '../given.yaml': values })) {
    const whole = path.startsWith('..') ? join(top, 'given.yaml') : join(top, 'chart', path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, text);
  }
  return isKeyNamed('global.pinion', join(top, 'chart'), [{ file: join(top, 'given.yaml') }, { set }]);
}

const NAMED = 'global: {pinion: {dnsAddress: ""}}';
const schemaOf = (global: object) => JSON.stringify({ type: 'object', properties: { global } });

test.for([
  ['its values.yaml', { 'values.yaml': NAMED }, ''],
  ['values.yaml with a merge key', { 'values.yaml': `a: &a {pinion: {}}\nglobal: {<<: *a}` }, ''],
  ['its schema', { 'values.schema.json': schemaOf({ properties: { pinion: {} } }) }, ''],
  ['a template', { 'templates/a.yaml': 'd: {{ .Values.global.pinion.dnsAddress }}' }, ''],
  ['a helper', { 'templates/_a.tpl': '{{ ($.Values.global.pinion).clusterDomain }}' }, ''],
  ['values of a dependency', { 'charts/a/values.yaml': NAMED }, ''],
  ['a packed dependency', { 'charts/a-1.0.0.tgz': gzipSync('x {{ .Values.global.pinion.x }}') }, ''],
  ['values of the plugin', { 'values.yaml': 'a: 1' }, NAMED],
  ['values of the plugin as an empty mapping', { 'values.yaml': 'a: 1' }, 'global: {pinion: {}}'],
] as const)('facts are named by %s', async ([, files, values]) => {
  expect(await isNamed(files as Record<string, string>, values)).toBe(true);
});

test('facts are named by a value in the form of helm --set', async () => {
  expect(await isNamed({ 'values.yaml': 'a: 1' }, '', ['a=1,global.pinion.dnsAddress=10.0.0.1'])).toBe(true);
});

test.for([
  ['of other values', { 'values.yaml': 'greeting: hello' }, 'global: {other: 1}'],
  ['of global alone', { 'values.yaml': 'global: {}' }, ''],
  ['whose schema allows any global', { 'values.schema.json': schemaOf({ type: 'object' }) }, ''],
  ['that says pinion elsewhere', { 'values.yaml': 'pinion: {global: 1}', 'README.md': '.global.pinion' }, ''],
  ['whose values are no YAML', { 'values.yaml': 'a: [', 'values.schema.json': '{' }, ''],
] as const)('facts are not named by a chart %s', async ([, files, values]) => {
  expect(await isNamed(files as Record<string, string>, values)).toBe(false);
});
