import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { readHelmIgnore } from '../../../executor/source/helm-ignore.ts';
import { snapshot } from '../../../executor/source/snapshot.ts';

const PATH = `${resolve(import.meta.dirname, '../../../.local/bin')}:/usr/bin:/bin`;
const call = async (file: string, args: string[]) =>
  (await promisify(execFile)(file, args, { env: { PATH, HOME: tmpdir() } })).stdout;

/** What the rules are tried on, besides Chart.yaml. */
const FILES = [
  'values.yaml',
  'README.md',
  'notes.txt',
  'a[b].txt',
  'docs/a.md',
  'docs/deep/b.md',
  'docs/deep/c.txt',
  'ci/values.yaml',
  'sub/ci/values.yaml',
  'sub/notes.txt',
  'build',
  'sub/build/out.bin',
  '.git/config',
  'templates/map.yaml',
  'templates/notes.txt',
  'charts/db/Chart.yaml',
  'charts/db/templates/map.yaml',
  'charts/db/ci/values.yaml',
];

async function aChart(rules: string) {
  const directory = await mkdtemp(join(tmpdir(), 'pinion-ignore-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const path of [...FILES, 'Chart.yaml', '.helmignore']) {
    const name = path.startsWith('charts/') ? 'db' : 'web';
    const content = path.endsWith('Chart.yaml')
      ? `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`
      : path === '.helmignore'
        ? rules
        : '# nothing\n';
    await mkdir(dirname(join(directory, 'chart', path)), { recursive: true });
    await writeFile(join(directory, 'chart', path), content);
  }
  return directory;
}

/** The files that `helm package` takes; the archive has what the loader gave it. */
async function packaged(chart: string, into: string): Promise<string[]> {
  await call('helm', ['package', chart, '--destination', into]);
  const list = await call('tar', ['-tzf', join(into, 'web-1.0.0.tgz')]);
  return list
    .trim()
    .split('\n')
    .map((path) => path.replace(/^web\//, ''))
    .sort();
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile());
  return files.map((one) => relative(directory, join(one.parentPath, one.name))).sort();
}

test.for([
  ['a name', 'notes.txt'],
  ['a name with a wildcard', '*.md'],
  ['one character', 'note?.txt'],
  ['a set', '[nR]*'],
  ['a set that is negated', 'templates/[^m]*'],
  ['a range', '[a-c]i'],
  ['an escaped bracket', 'a\\[b].txt'],
  ['a directory', 'docs/'],
  ['a name of files and directories', 'build'],
  ['a name of directories only', 'build/'],
  ['a path', 'docs/deep'],
  ['a path with a wildcard', 'docs/*/*.md'],
  ['a path from the top', '/notes.txt'],
  ['a directory at the top', '/ci/'],
  ['a path that is not from the top', 'deep/b.md'],
  ['dots', '.*'],
  ['files of a dependency', 'charts/db/ci'],
  ['comments, blanks and line ends', '# notes.txt\r\n\r\n  *.md  \r\n'],
  ['a mark of its encoding', '\uFEFFnotes.txt'],
  ['several', 'ci\n*.txt\n.git/'],
  ['a negation', '!*[aeiou]*'],
  ['a negation and more', 'ci\n!*[aeiou]*\n*.md'],
  ['nothing', ''],
] as const)('a .helmignore with %s leaves out what helm leaves out', async ([, rules]) => {
  const directory = await aChart(rules);
  const [chart, copy] = [join(directory, 'chart'), join(directory, 'copy')];
  const expected = await packaged(chart, directory);
  await snapshot(chart, chart, copy, 'the source', await readHelmIgnore(chart, chart, 'the source'));
  expect(await packaged(copy, join(directory, 'copied'))).toEqual(expected);
  const copied = (await filesBelow(copy)).filter((path) => path !== '.helmignore');
  expect(copied).toEqual(expected.filter((path) => path !== '.helmignore'));
});

test.for([
  ['a double star', '**/a'],
  ['a set without an end', '[a'],
] as const)('a .helmignore with %s, which helm refuses, leaves out nothing', async ([, rules]) => {
  const directory = await aChart(`notes.txt\n${rules}\n`);
  const chart = join(directory, 'chart');
  await expect(packaged(chart, directory)).rejects.toThrow();
  const ignore = await readHelmIgnore(chart, chart, 'the source');
  expect(ignore('notes.txt', false)).toBe(false);
});
