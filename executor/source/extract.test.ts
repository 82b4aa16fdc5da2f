import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { expect, onTestFinished, test } from 'vitest';
import { extractArchive } from './extract.ts';

type Item = [Partial<Header> & { name: string }, string?];

async function tarOf(...items: Item[]): Promise<Buffer> {
  const tar = pack();
  for (const [header, content = ''] of items) tar.entry(header as Header, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function unpack(archive: Buffer, limits = { unpacked: 1e6, entries: 10, ratio: 100 }) {
  const directory = await mkdtemp(join(tmpdir(), 'pinion-extract-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'a.tgz'), archive);
  const into = join(directory, 'into');
  await extractArchive(join(directory, 'a.tgz'), into, limits);
  return into;
}

const long = `deep/${'n'.repeat(150)}/file.yaml`;

test.for([['plain', (tar: Buffer) => tar] as const, ['gzipped', gzipSync] as const])(
  'files and directories of a %s archive are unpacked, without owners or special modes',
  async ([, wrap]) => {
    const tar = await tarOf(
      [{ name: './web/', type: 'directory' }],
      [{ name: 'web/Chart.yaml', mode: 0o4777, uid: 7 }, 'name: web'],
      [{ name: long }, 'long'],
    );
    const into = await unpack(wrap(tar) as Buffer);
    expect(await readFile(join(into, 'web/Chart.yaml'), 'utf8')).toBe('name: web');
    expect(await readFile(join(into, long), 'utf8')).toBe('long');
    expect((await readdir(into)).sort()).toEqual(['deep', 'web']);
  },
);

test.for<[string, Item[], RegExp]>([
  ['a path with ..', [[{ name: '../evil' }, 'x']], /points outside/],
  ['a path with .. in the middle', [[{ name: 'a/../../evil' }, 'x']], /points outside/],
  ['an absolute path', [[{ name: '/etc/evil' }, 'x']], /points outside/],
  ['a backslash', [[{ name: 'a\\..\\evil' }, 'x']], /not a plain path/],
  ['a symbolic link', [[{ name: 'l', type: 'symlink', linkname: '/etc/passwd' }]], /a symlink/],
  ['a hard link', [[{ name: 'l', type: 'link', linkname: '/etc/passwd' }]], /a link/],
  ['a device', [[{ name: 'd', type: 'character-device' }]], /character-device/],
  ['a pipe', [[{ name: 'p', type: 'fifo' }]], /fifo/],
  [
    'one path twice',
    [
      [{ name: 'a' }, 'x'],
      [{ name: 'a' }, 'y'],
    ],
    /can't be unpacked at "a"/,
  ],
  [
    'a file where a directory is',
    [
      [{ name: 'a' }, 'x'],
      [{ name: 'a/b' }, 'y'],
    ],
    /not a valid|can't be/,
  ],
  ['nothing', [], /is empty/],
])('an archive with %s is refused', async ([, items, says]) => {
  await expect(unpack(gzipSync(await tarOf(...items)))).rejects.toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringMatching(says),
  });
});

test.for<[string, () => Promise<Buffer> | Buffer, RegExp]>([
  [
    'too many entries',
    () => tarOf(...Array.from({ length: 11 }, (_, i): Item => [{ name: `f${i}` }, 'x'])),
    /more than 10/,
  ],
  ['too much', () => tarOf([{ name: 'a' }, 'x'.repeat(1_200_000)]), /unpacked/],
  [
    'a bomb',
    async () => gzipSync(await tarOf([{ name: 'a' }, '\0'.repeat(1_100_000)])),
    /decompression bomb|unpacked/,
  ],
  ['no archive', () => Buffer.from('<html>not found</html>'), /not a valid tar|is empty/],
  [
    'a gzip that breaks off',
    async () => gzipSync(await tarOf([{ name: 'a' }, 'abc'])).subarray(0, 40),
    /not a valid/,
  ],
])('%s is refused', async ([, make, says]) => {
  await expect(unpack(await make())).rejects.toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringMatching(says),
  });
});
