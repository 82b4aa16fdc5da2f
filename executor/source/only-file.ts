import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { listing, type Resolved, resolveSource } from './resolve.ts';

/**
 * The file that a source is, or the single one that its directory holds.
 * @throws Failure `SourceInvalid`
 */
export async function onlyFile(found: Resolved, wanted: RegExp): Promise<string> {
  if (found.kind === 'file') return found.path;
  const entries = await readdir(found.path);
  const files = entries.filter((name) => wanted.test(name));
  const first = files[0];
  if (files.length !== 1 || first === undefined) {
    throw new Failure(
      'SourceInvalid',
      `${found.label}: a directory with ${files.length} files of its kind, not one; it holds ${listing(entries)}. Name the file`,
    );
  }
  const path = join(found.path, first).slice(found.root.length + 1);
  return (await resolveSource(found.root, path, found.label)).path;
}
