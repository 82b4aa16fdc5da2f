import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readHelmIgnore } from './helm-ignore.ts';
import { LIMIT } from './limits.ts';
import { snapshot } from './snapshot.ts';

// Ten thousand files take a while on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** Copies a chart directory; `sizes` are those of files in it, `count` is how many more there are. */
async function copied(sizes: Record<string, number>, { rules = '', count = 0 } = {}) {
  const top = await realpath(await mkdtemp(join(tmpdir(), 'pinion-snapshot-')));
  onTestFinished(() => rm(top, { recursive: true }));
  const chart = join(top, 'chart');
  for (const directory of ['images', 'many', 'templates'])
    await mkdir(join(chart, directory), { recursive: true });
  await writeFile(join(chart, '.helmignore'), rules);
  for (const [name, size] of Object.entries(sizes)) {
    await writeFile(join(chart, name), '');
    await truncate(join(chart, name), size);
  }
  for (let index = 0; index < count; index++) writeFileSync(join(chart, 'many', `${index}`), '');
  await symlink('/etc/shadow', join(chart, 'images/out'));
  if (!rules.includes('images')) await rm(join(chart, 'images/out'));
  const ignore = await readHelmIgnore(chart, chart, 'the chart source');
  await snapshot(chart, chart, join(top, 'copy'), 'the chart source', ignore);
  return (await readdir(join(top, 'copy'))).sort();
}

test('what .helmignore excludes is neither copied nor counted nor looked into', async () => {
  const sizes = { 'Chart.yaml': 10, 'images/disk.img': 50 * LIMIT.unpacked };
  expect(await copied(sizes, { rules: 'images/\nmany\n', count: LIMIT.entries })).toEqual([
    '.helmignore',
    'Chart.yaml',
    'templates',
  ]);
});

test('a directory of 95 % of the limits is copied', async () => {
  const found = await copied({ 'a.bin': 0.95 * LIMIT.unpacked }, { count: 0.95 * LIMIT.entries });
  expect(found).toContain('a.bin');
});

test.for([
  [
    'bytes',
    { 'a.bin': 0.6 * LIMIT.unpacked, 'b.bin': 0.45 * LIMIT.unpacked },
    0,
    /has 105 MiB, and at most 100 MiB/,
  ],
  ['entries', {}, 1.05 * LIMIT.entries, /has 10504 entries, and at most 10000 are/],
] as const)(
  'a directory of 105 % of the limit of %s is refused with both',
  async ([, sizes, count, message]) => {
    await expect(copied(sizes, { count })).rejects.toMatchObject({
      reason: 'SourceInvalid',
      message: expect.stringMatching(message),
    });
  },
);
