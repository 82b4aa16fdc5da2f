import { load } from 'js-yaml';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { LIMIT } from '../source/limits.ts';
import { checkDigest } from './digest.ts';
import type { Get } from './http.ts';
import { chooseVersion } from './versions.ts';

const entry = z
  .object({
    version: z.coerce.string(),
    urls: z.array(z.string()).nullish(),
    digest: z.string().nullish(),
  })
  .loose();
const index = z.object({ entries: z.record(z.string(), z.array(entry).nullable()) }).loose();
type Entry = z.infer<typeof entry>;

/**
 * Downloads a chart's archive from a classic repository: index.yaml, the version, its first URL.
 * @throws Failure
 */
export async function fetchFromRepository(
  get: Get,
  of: { repo: string; name: string; version?: string | undefined; authorization: string | undefined },
): Promise<{ name: string; content: Buffer; version: string }> {
  const base = new URL(of.repo.endsWith('/') ? of.repo : `${of.repo}/`);
  const { authorization } = of;
  const answer = await get(new URL('index.yaml', base).href, { limit: LIMIT.index, authorization });
  const chosen = chooseEntry(readIndex(answer.body.toString('utf8'), of.repo), of);
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

function readIndex(text: string, repo: string): z.infer<typeof index>['entries'] {
  try {
    return index.parse(load(text)).entries;
  } catch (cause) {
    throw new Failure('SourceInvalid', `${repo}: index.yaml is no index of a chart repository`, { cause });
  }
}

/** The entry of a chart's version. */
function chooseEntry(
  entries: Record<string, Entry[] | null>,
  { repo, name, version }: { repo: string; name: string; version?: string | undefined },
): Entry {
  const charts = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (!charts?.length) {
    const names = Object.keys(entries).sort();
    throw new Failure(
      'SourceInvalid',
      `${repo} has no chart ${name}; it has ${names.slice(0, 10).join(', ') || 'none'}${names.length > 10 ? ' and others' : ''}`,
    );
  }
  const wanted = chooseVersion(
    `chart ${name} of ${repo}`,
    charts.map((one) => one.version),
    version,
  );
  return charts.find((one) => one.version === wanted) as Entry;
}
