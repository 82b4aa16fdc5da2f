import { load } from 'js-yaml';
import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import { LIMIT } from '../source/limits.ts';
import { checkDigest } from './digest.ts';
import type { Get } from './http.ts';
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
  const chosen = chooseEntry(answer.body.toString('utf8'), of);
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

/** The entry of a chart's version. */
function chooseEntry(
  text: string,
  { repo, name, version }: { repo: string; name: string; version?: string | undefined },
): z.infer<typeof entry> {
  const { entries } = read(index, repo, 'the document', () => load(text));
  const found = Object.hasOwn(entries, name) ? entries[name] : undefined;
  const charts = read(chart, repo, `entries.${name}`, () => found);
  if (!charts?.length) {
    const names = Object.keys(entries).sort();
    throw new Failure(
      'SourceInvalid',
      `${repo} has no chart ${name}; it has ${names.slice(0, 10).join(', ') || 'none'}${names.length > 10 ? ' and others' : ''}`,
    );
  }
  const versions = charts.map((one) => versioned.safeParse(one).data?.version ?? '');
  const wanted = chooseVersion(`chart ${name} of ${repo}`, versions, version);
  return read(entry, repo, `${wanted} of entries.${name}`, () => charts[versions.indexOf(wanted)]);
}
