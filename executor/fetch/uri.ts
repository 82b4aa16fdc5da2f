import { basename } from 'node:path';
import type { Slot } from '#api/contract/slots.ts';
import type { FetchItemOf } from '#api/contract/work-order.ts';
import { isArchiveName } from '../source/archive-name.ts';
import { LIMIT } from '../source/limits.ts';
import { authorizationOf } from './credentials.ts';
import { checkDigest } from './digest.ts';
import type { Fetched, Transport, TransportDeps } from './transport.ts';

type Item = FetchItemOf<'uri'>;

/** A file or an archive by its address, `https://` or `oci://`. */
export const uri: Transport<Item> = {
  describe: (item) => item.uri.split('?')[0] ?? item.uri,
  /** A presigned address is a credential itself: its query, and the long values in it. */
  secretsOf: (item) => {
    const { search, searchParams } = new URL(item.uri);
    return [search.slice(1), ...[...searchParams.values()].filter((value) => value.length >= 16)];
  },
  fetch: fetchUri,
};

async function fetchUri(deps: TransportDeps, item: Item): Promise<Fetched> {
  const fetched = item.uri.startsWith('oci://')
    ? await (await import('./registry.ts')).fetchFromRegistry(deps.get, { ...deps, uri: item.uri })
    : await downloadFile(deps, item);
  if (item.sha256) checkDigest(fetched.content, item.sha256, uri.describe(item));
  return fetched;
}

async function downloadFile({ get, credentials }: TransportDeps, item: Item): Promise<Fetched> {
  const name = fileName(item.uri, item.slot);
  const archive = isArchiveName(name);
  const limit = archive ? LIMIT.chart : LIMIT.file;
  const { body } = await get(item.uri, { limit, archive, authorization: authorizationOf(credentials) });
  return { name, content: body };
}

/** The last part of the address's path, made harmless; a chart is an archive whatever its address looks like. */
export function fileName(address: string, slot: Slot): string {
  let last = basename(new URL(address).pathname);
  try {
    last = basename(decodeURIComponent(last));
  } catch {
    // Not an encoding: used as written.
  }
  const name = last.replaceAll(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '') || 'source';
  switch (slot) {
    case 'chart':
      return isArchiveName(name) ? name : `${name}.tgz`;
    case 'kustomize':
      return name;
    case 'yaml':
    case 'values-file':
      return isArchiveName(name) || /\.(ya?ml|json)$/.test(name) ? name : `${name}.yaml`;
  }
}
