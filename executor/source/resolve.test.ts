import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readUnder, resolveSource } from './resolve.ts';
import { snapshot } from './snapshot.ts';

async function aVolume() {
  const directory = await mkdtemp(join(tmpdir(), 'pinion-volume-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const root = join(directory, 'volume');
  await mkdir(join(root, 'charts/web'), { recursive: true });
  await mkdir(join(root, 'lost+found'), { mode: 0o000 });
  await writeFile(join(root, 'charts/web/Chart.yaml'), 'name: web');
  await writeFile(join(directory, 'secret'), 'kubeconfig');
  await symlink('web', join(root, 'charts/current'));
  await symlink('../secret', join(root, 'out'));
  await symlink('round', join(root, 'round'));
  return root;
}

test.for([
  ['a directory', 'charts/web', 'directory', 'charts/web'],
  ['a file', 'charts/web/Chart.yaml', 'file', 'charts/web/Chart.yaml'],
  ['a link inside of the volume', 'charts/current/Chart.yaml', 'file', 'charts/web/Chart.yaml'],
  ['the whole volume', '', 'directory', ''],
] as const)('%s is resolved', async ([, path, kind, real]) => {
  const root = await aVolume();
  expect(await resolveSource(root, path, 'the source')).toMatchObject({ kind, path: join(root, real) });
});

test.for([
  ['a link out of the volume', 'out', /points outside/],
  ['a link in a circle', 'round', /form a loop/],
  ['..', '../secret', /must not contain/],
  ['a path that is not there', 'charts/wev', /charts holds current, web/],
  ['a path below a file', 'charts/web/Chart.yaml/x', /part of the path is a file/],
] as const)('%s is refused', async ([, path, says]) => {
  const root = await aVolume();
  await expect(resolveSource(root, path, 'the source')).rejects.toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringMatching(says),
  });
});

test('what was opened is judged, not what was looked at before', async () => {
  const root = await aVolume();
  await expect(readUnder(root, join(root, 'out'), 100, 'the source')).rejects.toThrow(/points outside/);
});

test('a snapshot has files where the volume has links', async () => {
  const root = await aVolume();
  const into = join(root, '../copy');
  await snapshot(root, join(root, 'charts'), into, 'the source');
  expect(await readFile(join(into, 'current/Chart.yaml'), 'utf8')).toBe('name: web');
});

test('a snapshot of a directory with a link out of the volume is refused', async () => {
  const root = await aVolume();
  await symlink('/proc/self/environ', join(root, 'charts/web/values.yaml'));
  await expect(snapshot(root, join(root, 'charts'), join(root, '../copy'), 'the source')).rejects.toThrow(
    /charts\/web\/values.yaml is a link that points outside/,
  );
});
