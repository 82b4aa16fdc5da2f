import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layout } from './layout.ts';
import { removeUnnamed } from './release.ts';
import { agentUnitText } from './units.ts';

let versions: string;
beforeEach(async () => {
  versions = await mkdtemp(join(tmpdir(), 'pinion-versions-'));
});
afterEach(() => rm(versions, { recursive: true }));

const unitOf = (version: string) => agentUnitText([`${layout.versions}/${version}/node`]);

test.each([
  ['the version that the unit names stays', ['a1', 'b2'], [unitOf('b2')], ['b2']],
  [
    'one that still runs stays',
    ['a1', 'b2'],
    [unitOf('b2'), `${layout.versions}/a1/node host`],
    ['a1', 'b2'],
  ],
  ['one half copied goes', ['b2', 'c3.partial'], [unitOf('b2')], ['b2']],
  ['a name that only begins alike does not count', ['b', 'b2'], [unitOf('b2')], ['b2']],
])('%s', async (_name, there, texts, left) => {
  for (const name of there) await mkdir(join(versions, name, 'bin'), { recursive: true });
  await removeUnnamed(versions, texts);
  expect((await readdir(versions)).sort()).toEqual(left);
});
