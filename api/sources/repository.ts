import { valid } from 'semver';
import { insecureWarnings, requireSecure } from './address.ts';
import { credentialsReference, type SourceRow } from './source-row.ts';

export type RepositoryLocation = {
  kind: 'repository';
  repo: string;
  /** Name of the chart in the repository. */
  name?: string | undefined;
  version?: string | undefined;
  /** Name of the Secret of its credentials. */
  secret?: string | undefined;
  path: '';
};

/** The fields of a chart that say which one of a repository it is. */
export type RepositoryFields = {
  repo?: string | undefined;
  name?: string | undefined;
  version?: string | undefined;
  secretRef?: { name: string } | undefined;
};

/** A chart of a Helm repository or of an OCI registry. */
export const repository: SourceRow<RepositoryLocation, RepositoryFields> = {
  field: 'repo',
  options: ['secretRef'],
  locate({ repo = '', name, version, secretRef }, field, settings) {
    requireSecure(repo, `${field}.repo`, settings);
    return { kind: 'repository', repo, name, version, secret: secretRef?.name, path: '' };
  },
  word: ({ repo }) => (repo?.startsWith('oci://') ? 'oci' : 'repo'),
  references: ({ secret }, field) => credentialsReference(secret, field),
  warnings: (location, field) => [
    ...insecureWarnings(location.repo, `${field}.repo`),
    ...notPinned(location, `${field}.version`),
  ],
  delivery: {
    by: 'fetch',
    item: ({ kind, repo, name, version }) => ({
      kind,
      repo,
      ...(name && { name }),
      ...(version && { version }),
    }),
    secret: ({ secret }) => secret,
  },
};

function notPinned({ repo, version }: RepositoryLocation, field: string): string[] {
  const inReference = repo.startsWith('oci://') && /(@sha256:[0-9a-f]{64}|:[^/:]+)$/.test(repo.slice(6));
  if (inReference || (version !== undefined && valid(version) !== null)) return [];
  const found = version === undefined ? 'is not given' : `"${version}" is a range`;
  return [
    `${field} ${found}, so the repository decides which version is installed; pin one, like version: 1.4.2`,
  ];
}
