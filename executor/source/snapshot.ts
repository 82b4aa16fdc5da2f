import { mkdir, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import type { Ignore } from './helm-ignore.ts';
import { LIMIT, mebibytes } from './limits.ts';
import { explain, isUnder, readUnder } from './resolve.ts';

/**
 * Copies a directory of a source as regular files and directories. The tools then see one state of it, even if
 * the volume is written to meanwhile, and no link in it can lead them to files of the executor.
 * @param ignore what is left out, by its path in the directory; it does not count
 * @throws Failure `SourceInvalid`: a link leads out of the source, or it is over the limits
 */
export async function snapshot(
  root: string,
  from: string,
  into: string,
  label: string,
  ignore: Ignore = () => false,
): Promise<void> {
  const copy: Copy = { root, into, label, ignore, bytes: 0, entries: 0 };
  await copyDirectory(copy, from, into, [from]);
  const over = (found: string, limit: string) =>
    refuse(copy, `it has ${found}, and at most ${limit} are accepted; name a smaller directory`);
  if (copy.entries > LIMIT.entries) over(`${copy.entries} entries`, `${LIMIT.entries}`);
  if (copy.bytes > LIMIT.unpacked) over(mebibytes(copy.bytes), mebibytes(LIMIT.unpacked));
}

type Copy = { root: string; into: string; label: string; ignore: Ignore; bytes: number; entries: number };

/** What is over a limit is not copied, but counted up to here, to say how much it is. */
const MOST_COUNTED = 10 * LIMIT.entries;

async function copyDirectory(
  copy: Copy,
  directory: string,
  target: string,
  parents: readonly string[],
): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o755 });
  for (const name of await orRefuse(copy, directory, readdir(directory))) {
    // The file system's own, at the top of a volume and readable by root only.
    if (directory === copy.root && name === 'lost+found') continue;
    await copyEntry(copy, join(directory, name), join(target, name), parents);
  }
}

async function copyEntry(
  copy: Copy,
  path: string,
  target: string,
  parents: readonly string[],
): Promise<void> {
  const isDirectory = await stat(path).then(
    (about) => about.isDirectory(),
    () => false,
  );
  if (copy.ignore(target.slice(copy.into.length + 1), isDirectory)) return;
  copy.entries += 1;
  if (copy.entries > MOST_COUNTED)
    refuse(
      copy,
      `it has more than ${MOST_COUNTED} entries, and at most ${LIMIT.entries} are accepted; name a smaller directory`,
    );
  const real = await orRefuse(copy, path, realpath(path));
  if (!isUnder(copy.root, real)) refuse(copy, `${shown(copy, path)} is a link that points outside it`);
  const about = await stat(real);
  if (about.isDirectory()) {
    if (parents.includes(real))
      refuse(copy, `${shown(copy, path)} is a link to one of its parent directories`);
    await copyDirectory(copy, real, target, [...parents, real]);
  } else if (about.isFile()) {
    copy.bytes += about.size;
    if (copy.bytes > LIMIT.unpacked || copy.entries > LIMIT.entries) return;
    await writeFile(target, await readUnder(copy.root, real, LIMIT.unpacked, copy.label), { mode: 0o644 });
  } else refuse(copy, `${shown(copy, path)} is neither a file nor a directory`);
}

function refuse({ label }: Copy, why: string, cause?: unknown): never {
  throw new Failure('SourceInvalid', `${label}: ${why}`, { cause });
}

const orRefuse = <T>(copy: Copy, path: string, work: Promise<T>): Promise<T> =>
  work.catch((cause) => refuse(copy, `${explain(cause)} at ${shown(copy, path)}`, cause));

const shown = ({ root }: Copy, path: string) => (path === root ? 'the top' : path.slice(root.length + 1));
