import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import { LIMIT, mebibytes } from '../source/limits.ts';
import type { Credentials } from './credentials.ts';
import { checkDigest } from './digest.ts';
import type { Get } from './http.ts';
import { createRegistryGet } from './registry-auth.ts';
import { registryHost } from './registry-host.ts';
import { chooseVersion } from './versions.ts';

const CHART_LAYER = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const manifest = z.object({
  layers: z
    .array(
      z.object({
        mediaType: z.string(),
        digest: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
        size: z.number(),
      }),
    )
    .check(z.minLength(1)),
});

export type Reference = {
  host: string;
  repository: string;
  tag?: string | undefined;
  digest?: string | undefined;
};

/**
 * Reads `oci://host[:port]/path[:tag][@sha256:digest]`. What is at Docker Hub is so by its full path: `library/` is
 * added to images only.
 * @throws Failure `SourceInvalid`
 */
export function parseReference(uri: string): Reference {
  const found =
    /^oci:\/\/(?<host>[A-Za-z0-9.[\]:-]+)\/(?<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(
      uri.replace(/\/$/, ''),
    )?.groups;
  if (!found?.['host'] || !found['repository']) {
    throw new Failure(
      'SourceInvalid',
      `${uri} is not a reference like oci://registry.example.com/charts/web:1.2.0`,
    );
  }
  const { host, repository, tag, digest } = found;
  return { host: registryHost(host), repository, tag, digest };
}

/**
 * Downloads the archive of an artifact: the chart layer, or the only layer that is a gzipped tar.
 * @throws Failure
 */
export async function fetchFromRegistry(
  get: Get,
  of: {
    uri: string;
    name?: string | undefined;
    version?: string | undefined;
    credentials: Credentials | undefined;
    /** Accept a registry that speaks plain HTTP, when it doesn't speak HTTPS. */
    allowPlain: boolean;
  },
): Promise<{ name: string; content: Buffer; version: string }> {
  const reference = parseReference(of.name ? `${of.uri.replace(/\/$/, '')}/${of.name}` : of.uri);
  const { host, repository } = reference;
  const registry = await createRegistryGet(get, {
    host,
    repository,
    credentials: of.credentials,
    allowPlain: of.allowPlain,
  });
  const version = reference.digest ?? (await resolveTag(registry, reference, of.version));
  const answer = await registry(`manifests/${version}`, { limit: LIMIT.file, accept: MANIFESTS });
  if (reference.digest) checkDigest(answer.body, reference.digest, `the manifest of ${of.uri}`);
  const layer = chooseLayer(answer.body.toString('utf8'), of.uri);
  if (layer.size > LIMIT.chart) {
    throw new Failure(
      'SourceInvalid',
      `${of.uri} has ${mebibytes(layer.size)}; at most ${mebibytes(LIMIT.chart)} are accepted`,
    );
  }
  const blob = await registry(`blobs/${layer.digest}`, { limit: LIMIT.chart, archive: true });
  checkDigest(blob.body, layer.digest, `the content of ${of.uri}`);
  return { name: `${repository.split('/').at(-1)}.tgz`, content: blob.body, version };
}

type RegistryGet = Awaited<ReturnType<typeof createRegistryGet>>;

/** A version is a tag; a tag can't have the `+` of build metadata, Helm writes `_`. */
async function resolveTag(
  registry: RegistryGet,
  reference: Reference,
  version: string | undefined,
): Promise<string> {
  if (version === undefined && reference.tag) return reference.tag;
  if (version !== undefined && /^v?[0-9]+\.[0-9]+\.[0-9]+(-[\w.-]+)?(\+[\w.-]+)?$/.test(version)) {
    return version.replaceAll('+', '_');
  }
  const tags: string[] = [];
  let page: string | undefined = 'tags/list?n=1000';
  for (let count = 0; page !== undefined && count < 20; count += 1) {
    const answer = await registry(page, { limit: LIMIT.file });
    const list = z
      .object({ tags: z.nullable(z.array(z.string())) })
      .safeParse(parseJson(answer.body.toString('utf8')));
    tags.push(...(list.data?.tags ?? []));
    const link = answer.headers['link'];
    page = typeof link === 'string' ? /<[^>]*\/(tags\/list\?[^>]*)>/.exec(link)?.[1] : undefined;
  }
  const name = `oci://${reference.host}/${reference.repository}`;
  const versions = tags.map((tag) => tag.replaceAll('_', '+'));
  return chooseVersion(name, versions, version).replaceAll('+', '_');
}

function chooseLayer(text: string, uri: string) {
  const parsed = manifest.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new Failure(
      'SourceInvalid',
      `${uri} is not an artifact with layers (perhaps an index of several platforms)`,
    );
  }
  const { layers } = parsed.data;
  const chart = layers.find(({ mediaType }) => mediaType === CHART_LAYER);
  if (chart) return chart;
  const archives = layers.filter(({ mediaType }) => /tar[.+]gzip$/.test(mediaType));
  const [only] = archives;
  if (!only || archives.length > 1) {
    throw new Failure(
      'SourceInvalid',
      `${uri} has ${archives.length} gzipped tar layers, expected a Helm chart or one such layer`,
    );
  }
  return only;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
