import { constants } from 'node:fs';
import { open, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { mebibytes } from './limits.ts';

/** A place inside a source: `path` is real (no link in it) and lies under `root`, which is real too. */
export type Resolved = { root: string; path: string; kind: 'file' | 'directory'; label: string };

/**
 * Follows a path inside a slot's directory and proves that it stays there.
 * @param label how to call the source in messages, like `the chart source`
 * @throws Failure `SourceInvalid`: missing (the message says what is there instead), or a link leads out
 */
export async function resolveSource(slot: string, path: string, label: string): Promise<Resolved> {
  const root = await realpath(slot).catch((cause: unknown) => {
    throw new Failure('SourceInvalid', `${label}: ${explain(cause)} at its directory`, { cause });
  });
  if (path.split('/').includes('..')) {
    throw new Failure('SourceInvalid', `${label}: "${path}" must not contain ".."`);
  }
  const real = await realpath(join(root, path)).catch(async (cause: unknown) => {
    throw new Failure('SourceInvalid', `${label}: ${await describeMissing(root, path, cause)}`, { cause });
  });
  if (!isUnder(root, real)) {
    throw new Failure('SourceInvalid', `${label}: "${path}" is a link that points outside the volume`);
  }
  const found = await stat(real);
  if (!found.isFile() && !found.isDirectory()) {
    throw new Failure('SourceInvalid', `${label}: "${path}" is neither a file nor a directory`);
  }
  return { root, path: real, kind: found.isFile() ? 'file' : 'directory', label };
}

/**
 * Reads a file of a source. What was opened is compared with where it should be, so that a link that is put
 * there between the look and the reading is noticed.
 * @throws Failure `SourceInvalid`: leads out of the source, no regular file, over `limit` bytes
 */
export async function readUnder(root: string, path: string, limit: number, label: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw new Failure('SourceInvalid', `${label}: ${explain(cause)} at ${path.slice(root.length + 1)}`, {
      cause,
    });
  });
  try {
    const real = await readlink(`/proc/self/fd/${file.fd}`);
    const about = await file.stat();
    if (!isUnder(root, real)) {
      throw new Failure(
        'SourceInvalid',
        `${label}: ${path.slice(root.length + 1)} is a link that points outside it`,
      );
    }
    if (!about.isFile())
      throw new Failure('SourceInvalid', `${label}: ${path.slice(root.length + 1)} is not a file`);
    if (about.size > limit) {
      throw new Failure(
        'SourceInvalid',
        `${label}: ${path.slice(root.length + 1)} has ${mebibytes(about.size)}; at most ${mebibytes(limit)} are accepted`,
      );
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

export const isUnder = (root: string, path: string) => path === root || path.startsWith(`${root}/`);

/** Names the first part of the path that is not there, and what is there instead. */
async function describeMissing(root: string, path: string, cause: unknown): Promise<string> {
  let at = root;
  let shown = '';
  for (const segment of path.split('/').filter(Boolean)) {
    const names = await readdir(at).catch(() => undefined);
    if (names === undefined) break;
    if (!names.includes(segment)) {
      return `"${path}" does not exist: ${shown || 'the top directory'} holds ${listing(names)}`;
    }
    at = join(at, segment);
    shown = shown ? `${shown}/${segment}` : segment;
  }
  return `"${path}": ${explain(cause)}`;
}

/** At most ten names, for messages. */
export function listing(names: string[]): string {
  if (names.length === 0) return 'nothing';
  const shown = names.sort().slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

export function explain(cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'no such file, or a broken link';
    case 'EACCES':
      return 'no permission to read (the executor runs as user 65532)';
    case 'ELOOP':
      return 'its symbolic links form a loop';
    case 'ENOTDIR':
      return 'part of the path is a file, not a directory';
    default:
      return (cause as Error).message;
  }
}
