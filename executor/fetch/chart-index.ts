import { load } from 'js-yaml';
import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import { LIMIT, mebibytes } from '../source/limits.ts';
import { textOf } from '../source/text-of.ts';
import { checkDigest } from './digest.ts';
import type { Get } from './http.ts';
import { findChart, versionLine } from './index-lines.ts';
import { chooseVersion } from './versions.ts';

/**
 * Only the entry that is wanted is looked into. A schema for all would copy each, and a short text with thousands of
 * aliases of one long list would use up all memory.
 */
const index = z.object({ entries: z.record(z.string(), z.unknown()) });
const chart = z.nullish(z.array(z.unknown()));
const versioned = z.object({ version: z.union([z.string(), z.pipe(z.number(), z.transform(String))]) });
const entry = z.extend(versioned, {
  urls: z.nullish(z.array(z.string())),
  digest: z.nullish(z.string()),
});

/**
 * Downloads a chart's archive from a classic repository: index.yaml, the version, its first URL.
 * @throws Failure
 */
export async function fetchFromIndex(
  get: Get,
  of: { repo: string; name: string; version?: string | undefined; authorization: string | undefined },
): Promise<{ name: string; content: Buffer; version: string }> {
  const base = new URL(of.repo.endsWith('/') ? of.repo : `${of.repo}/`);
  const { authorization } = of;
  const answer = await get(new URL('index.yaml', base).href, { limit: LIMIT.index, authorization });
  const chosen = chooseEntry(answer.body, of);
  const url = chosen.urls?.[0];
  if (!url || !URL.canParse(url, base.href)) {
    throw new Failure(
      'SourceInvalid',
      `${of.repo}: the index has no address for ${of.name} ${chosen.version}`,
    );
  }
  const address = new URL(url, base);
  const archive = await get(address.href, {
    limit: LIMIT.chart,
    archive: true,
    // The index may point anywhere; what it points to is only trusted with credentials on the same origin.
    authorization: address.origin === base.origin ? authorization : undefined,
  });
  if (chosen.digest) checkDigest(archive.body, chosen.digest, `${of.name} ${chosen.version}`);
  return { name: `${of.name}-${chosen.version}.tgz`, content: archive.body, version: chosen.version };
}

/** The text is not quoted: it comes from another server, and is long. */
function read<T>(schema: z.ZodMiniType<T>, repo: string, where: string, tree: () => unknown): T {
  try {
    return schema.parse(tree());
  } catch (cause) {
    const message = `${repo}: index.yaml is not an index of a chart repository: ${where} can't be read`;
    throw new Failure('SourceInvalid', message, { cause });
  }
}

type Wanted = { repo: string; name: string; version?: string | undefined };

/** What an index has of a chart: its versions, '' for one that has none, and the entry of each. */
type Found = { names: string[]; versions: string[]; entry: (index: number) => unknown };

/** The entry of a chart's version. */
function chooseEntry(content: Buffer, of: Wanted): z.infer<typeof entry> {
  try {
    const found = readLines(content, of);
    if (found !== undefined) return choose(found, of);
  } catch (error) {
    // An alias of something outside of the entry, say: all of it is read.
    if (error instanceof Failure) throw error;
  }
  return choose(readTree(content, of), of);
}

function choose({ names, versions, entry: entryAt }: Found, { repo, name, version }: Wanted) {
  if (versions.length === 0) {
    const shown = names.sort().slice(0, 10).join(', ') || 'none';
    const message = `${repo} has no chart ${name}; it has ${shown}${names.length > 10 ? ' and others' : ''}`;
    throw new Failure('SourceInvalid', message);
  }
  const wanted = chooseVersion(`chart ${name} of ${repo}`, versions, version);
  const chosen = entryAt(versions.indexOf(wanted));
  return read(entry, repo, `${wanted} of entries.${name}`, () => chosen);
}

const versionOf = (one: unknown) => versioned.safeParse(one).data?.version ?? '';

/** From an index in block style, of which only the entries of the chart are looked at, and only one is read. */
function readLines(content: Buffer, { name }: Wanted): Found | undefined {
  const found = findChart(content, name);
  if (found === undefined) return undefined;
  const { names, entries } = found;
  const entryAt = (index: number) => (load(entries[index] ?? '') as unknown[])[0];
  const versions = entries.map((text, index) => {
    const line = versionLine(text);
    return versionOf(line === undefined ? entryAt(index) : { version: load(line) });
  });
  return { names, versions, entry: entryAt };
}

function readTree(content: Buffer, { repo, name }: Wanted): Found {
  const tree = () => {
    const text = textOf(content, `${repo}: index.yaml`);
    if (/^\s*\{/.test(text)) {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        // A YAML mapping in braces.
      }
    }
    return content.length > LIMIT.indexTree ? undefined : load(text);
  };
  const where =
    content.length > LIMIT.indexTree
      ? `the document, of ${mebibytes(content.length)}, is neither JSON nor in the form of helm repo index (over ${mebibytes(LIMIT.indexTree)} no other form is read) and`
      : 'the document';
  const { entries } = read(index, repo, where, tree);
  const found = Object.hasOwn(entries, name) ? entries[name] : undefined;
  const charts = read(chart, repo, `entries.${name}`, () => found) ?? [];
  return { names: Object.keys(entries), versions: charts.map(versionOf), entry: (index) => charts[index] };
}
