import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FetchItem } from '#api/contract/work-order.ts';
import { isArchiveName } from '../source/archive-name.ts';
import { extractArchive } from '../source/extract.ts';
import type { Fetched, Transport, TransportDeps } from './transport.ts';

/**
 * Fetches one source into its directory: the contents of an archive, or the one file.
 * @returns what was fetched, for the log
 * @throws Failure
 */
export async function fetchItem(
  deps: TransportDeps & { scratch: string },
  transport: Transport,
  item: FetchItem,
  directory: string,
): Promise<string> {
  const fetched = await transport.fetch(deps, item);
  const { name, content, version } = fetched;
  const unpacked = await place(fetched, directory, deps.scratch);
  const size = `${name}${version ? ` (${version})` : ''}, ${content.length} bytes`;
  return unpacked ? `${size}, unpacked` : size;
}

/** @returns whether it was an archive, which is unpacked */
async function place({ name, content }: Fetched, directory: string, scratch: string): Promise<boolean> {
  await mkdir(directory, { recursive: true });
  // An earlier run of this container may have left a part.
  for (const old of await readdir(directory))
    await rm(join(directory, old), { recursive: true, force: true });
  const gzip = content[0] === 0x1f && content[1] === 0x8b;
  if (!gzip && !isArchiveName(name)) {
    await writeFile(join(directory, name), content, { mode: 0o644 });
    return false;
  }
  await mkdir(scratch, { recursive: true });
  const archive = join(scratch, name);
  await writeFile(archive, content, { mode: 0o600 });
  try {
    await extractArchive(archive, directory);
  } finally {
    await rm(archive, { force: true });
  }
  return true;
}
