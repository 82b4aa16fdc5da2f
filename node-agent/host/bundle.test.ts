import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeUnusedVersions } from './bundle.ts';
import { layout } from './layout.ts';

import { agentUnitText } from './units.ts';

let versions: string;
beforeEach(async () => {
  versions = await mkdtemp(join(tmpdir(), 'pinion-versions-'));
});
afterEach(() => rm(versions, { recursive: true }));

const unitOf = (version: string) => agentUnitText([`${layout.versions}/${version}/node`]);

test.each([
  ['keeps the version that the unit runs', ['a1', 'b2'], [unitOf('b2')], ['b2']],
  [
    'keeps a version that is still running',
    ['a1', 'b2'],
    [unitOf('b2'), `${layout.versions}/a1/node host`],
    ['a1', 'b2'],
  ],
  ['removes a version that was copied in part', ['b2', 'c3.partial'], [unitOf('b2')], ['b2']],
  ['removes a version whose name is a prefix of the one in use', ['b', 'b2'], [unitOf('b2')], ['b2']],
])('removeUnusedVersions %s', async (_sentence, versionNames, texts, remaining) => {
  for (const name of versionNames) await mkdir(join(versions, name, 'bin'), { recursive: true });
  await removeUnusedVersions(versions, texts);
  expect((await readdir(versions)).sort()).toEqual(remaining);
});
