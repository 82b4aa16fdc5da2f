import type { FetchItemOf } from '#api/contract/work-order.ts';
import { Failure } from '../failure.ts';
import { authorizationOf } from './credentials.ts';
import type { Fetched, Transport, TransportDeps } from './transport.ts';

type Item = FetchItemOf<'repository'>;

/** A chart by name and version from a repository: `oci://`, or one with an index.yaml. */
export const repository: Transport<Item> = {
  describe: ({ repo, name, version }) => {
    const chart = name ? `${name} ${version ?? '(newest)'} of ` : '';
    return `${chart}${repo.split('?')[0]}`;
  },
  secretsOf: () => [],
  fetch: fetchChart,
};

async function fetchChart(
  { get, credentials, allowPlain }: TransportDeps,
  { repo, name, version }: Item,
): Promise<Fetched> {
  if (repo.startsWith('oci://')) {
    const { fetchFromRegistry } = await import('./registry.ts');
    return fetchFromRegistry(get, { uri: repo, name, version, credentials, allowPlain });
  }
  if (name === undefined) {
    throw new Failure('SourceInvalid', `a chart from ${repo} needs its name; add chart.name`);
  }
  const { fetchFromIndex } = await import('./chart-index.ts');
  return fetchFromIndex(get, { repo, name, version, authorization: authorizationOf(credentials) });
}
