import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endOfLog, type Position, readLog } from './log.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinion-audit-'));
  path = join(folder, 'audit.log');
});
afterEach(() => rm(folder, { recursive: true }));

test('endOfLog is undefined when there is no log', async () => {
  expect(await endOfLog(path)).toBeUndefined();
});

test('readLog reads what was written after a position, across a rotation', async () => {
  await writeFile(path, 'one\n');
  const position = (await endOfLog(path)) as Position;
  await appendFile(path, 'two\n');
  expect(await readLog(path, position)).toBe('two\n');
  await rename(path, join(folder, 'audit-2026.log'));
  expect(await readLog(path, position)).toBe('two\n');
  await writeFile(path, 'three\n');
  expect(await readLog(path, position)).toBe('two\nthree\n');
  await rm(join(folder, 'audit-2026.log'));
  await expect(readLog(path, position)).rejects.toThrow(/rotated twice/);
});
