import { ADDRESS_FORM, insecureWarnings, requireSecure } from './address.ts';
import { credentialsReference, type SourceRow } from './source-row.ts';

export type UriLocation = {
  kind: 'uri';
  uri: string;
  sha256?: string | undefined;
  /** Name of the Secret of its credentials. */
  secret?: string | undefined;
  path: '';
};

export type UriFields = {
  uri?: string | undefined;
  sha256?: string | undefined;
  secretRef?: { name: string } | undefined;
};

/** A file or an archive by its address. */
export const uri: SourceRow<UriLocation, UriFields> = {
  field: 'uri',
  uri: {
    schemes: ['https', 'http', 'oci'],
    pattern: '(https?|oci)://[^/]',
    form: ADDRESS_FORM,
    description:
      'An https:// or oci:// address of a file or an archive (.tgz, .tar.gz, .tar), which is unpacked. http:// is rejected unless the operator runs with --source-secure-loose.',
  },
  options: ['sha256', 'secretRef'],
  locate({ uri: address = '', sha256, secretRef }, field, settings) {
    requireSecure(address, `${field}.uri`, settings);
    return { kind: 'uri', uri: address, sha256, secret: secretRef?.name, path: '' };
  },
  references: ({ secret }, field) => credentialsReference(secret, field),
  warnings: (location, field) => insecureWarnings(location.uri, `${field}.uri`),
  delivery: {
    by: 'fetch',
    item: ({ kind, uri: address, sha256 }) => ({ kind, uri: address, ...(sha256 && { sha256 }) }),
    secret: ({ secret }) => secret,
  },
};
