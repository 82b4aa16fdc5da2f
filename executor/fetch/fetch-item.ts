import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FetchOrder } from '#api/contract/work-order.ts';
import { Failure } from '../failure.ts';
import { extractArchive } from '../source/extract.ts';
import { LIMIT } from '../source/limits.ts';
import { authorizationOf, type Credentials } from './credentials.ts';
import { checkDigest } from './digest.ts';
import type { Get } from './http.ts';

export type FetchItem = FetchOrder['items'][number];
type Fetched = { name: string; content: Buffer; version?: string };

const ARCHIVE = /\.(tgz|tar\.gz|tar)$/;

/**
 * Fetches one source and leaves it in its directory: what an archive holds, or the one file.
 * @returns what was fetched, for the log
 * @throws Failure
 */
export async function fetchItem(
  deps: { get: Get; credentials: Credentials | undefined; allowPlain: boolean; scratch: string },
  item: FetchItem,
  directory: string,
): Promise<string> {
  const { name, content, version } = await download(deps, item);
  // An earlier run of this container may have left a part.
  await mkdir(directory, { recursive: true });
  for (const old of await readdir(directory))
    await rm(join(directory, old), { recursive: true, force: true });
  const size = `${name}${version ? ` (${version})` : ''}, ${content.length} bytes`;
  const gzip = content[0] === 0x1f && content[1] === 0x8b;
  if (!gzip && !ARCHIVE.test(name)) {
    await writeFile(join(directory, name), content, { mode: 0o644 });
    return size;
  }
  await mkdir(deps.scratch, { recursive: true });
  const archive = join(deps.scratch, name);
  await writeFile(archive, content, { mode: 0o600 });
  try {
    await extractArchive(archive, directory);
  } finally {
    await rm(archive, { force: true });
  }
  return `${size}, unpacked`;
}

async function download(
  { get, credentials, allowPlain }: Parameters<typeof fetchItem>[0],
  item: FetchItem,
): Promise<Fetched> {
  const authorization = authorizationOf(credentials);
  switch (item.kind) {
    case 'repository': {
      const { repo, name, version } = item;
      if (repo.startsWith('oci://')) {
        const { fetchFromRegistry } = await import('./registry.ts');
        return fetchFromRegistry(get, { uri: repo, name, version, credentials, allowPlain });
      }
      if (name === undefined) {
        throw new Failure('SourceInvalid', `a chart from ${repo} needs its name; add chart.name`);
      }
      const { fetchFromRepository } = await import('./repository.ts');
      return fetchFromRepository(get, { repo, name, version, authorization });
    }
    case 'uri': {
      const { uri, sha256 } = item;
      const fetched = uri.startsWith('oci://')
        ? await (await import('./registry.ts')).fetchFromRegistry(get, { uri, credentials, allowPlain })
        : await downloadFile(get, uri, item.slot, authorization);
      if (sha256) checkDigest(fetched.content, sha256, uri.split('?')[0] ?? uri);
      return fetched;
    }
  }
}

async function downloadFile(
  get: Get,
  uri: string,
  slot: FetchItem['slot'],
  authorization: string | undefined,
): Promise<Fetched> {
  const name = fileName(uri, slot);
  const limit = ARCHIVE.test(name) ? LIMIT.chart : LIMIT.file;
  return { name, content: (await get(uri, { limit, authorization })).body };
}

/** The last part of the address's path, made harmless; a chart is an archive whatever its address looks like. */
export function fileName(uri: string, slot: FetchItem['slot']): string {
  let last = basename(new URL(uri).pathname);
  try {
    last = basename(decodeURIComponent(last));
  } catch {
    // Not an encoding; taken as it is.
  }
  const name = last.replaceAll(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '') || 'source';
  switch (slot) {
    case 'chart':
      return ARCHIVE.test(name) ? name : `${name}.tgz`;
    case 'kustomize':
      return name;
    case 'yaml':
    case 'values-file':
      return /\.(ya?ml|json)$|\.(tgz|tar\.gz|tar)$/.test(name) ? name : `${name}.yaml`;
  }
}
