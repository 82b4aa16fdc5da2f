import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Failure } from '../../failure.ts';
import { mebibytes } from '../../source/limits.ts';

/** How the API refuses a release's record: as a Secret over 1 MiB, as a request over 3 MiB, or as etcd's own limit. */
const TOO_LARGE = /(?:create|update): failed to (?:create|update): .*(?:too long|too large)/i;

/** Files that are named. */
const NAMED = 3;

/**
 * Adds to a failure that is due to the size of the release's record what is in it; any other is passed on.
 * @param chart its directory: the record holds every file of it, packed
 */
export async function explainRecordSize(failure: Failure, chart: string): Promise<Failure> {
  if (!TOO_LARGE.test(failure.message)) return failure;
  const files = await packedFiles(chart).catch(() => []);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const largest = files
    .sort((a, b) => b.size - a.size)
    .slice(0, NAMED)
    .map(({ path, size }) => `${path} ${mebibytes(size)}`);
  return new Failure(
    failure.reason,
    `${failure.message}. A Secret may have 1 MiB, and the chart's files alone take ${mebibytes(total)}, packed (${largest.join(', ')})`,
    { cause: failure },
  );
}

/** What each file adds to the record: gzipped, and in base64. */
async function packedFiles(chart: string): Promise<{ path: string; size: number }[]> {
  const files: { path: string; size: number }[] = [];
  for (const entry of await readdir(chart, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const packed = await promisify(gzip)(await readFile(path));
    files.push({ path: relative(chart, path), size: (packed.length * 4) / 3 });
  }
  return files;
}
