import { z } from 'zod';
import { pvPath } from './claim.ts';
import { hostPath } from './host.ts';
import type { RepositoryFields } from './repository.ts';
import { noParent, type SourceRow, type UriForm } from './source-row.ts';
import { SOURCE_KINDS, SOURCES, type SourceKind } from './table.ts';

/** A name in the same namespace as the plugin. */
export const localName = z.string().min(1).max(253);

/** `limits` ends its description: where it has no effect, or is rejected. */
export const secretReference = (limits: string) =>
  z
    .object({ name: localName.describe('Name of the Secret.') })
    .describe(
      `A Secret in the plugin's namespace, labelled kosmos.io/source-credentials=true, with any of username, password, token, ca.crt, .dockerconfigjson. Only the fetch step sees it. ${limits}`,
    );

const formOf = (kind: SourceKind): UriForm | undefined => (SOURCES[kind] as { uri?: UriForm }).uri;
const URI_FORMS = SOURCE_KINDS.map(formOf).filter((form) => form !== undefined);

/** A source as a person writes it: exactly one of pvPath, hostPath and uri. */
export const source = z
  .object({
    pvPath,
    hostPath,
    uri: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .meta({
        'x-kubernetes-validations': [
          noParent('uri'),
          {
            rule: `self.matches('^(${URI_FORMS.map(({ pattern }) => pattern).join('|')})')`,
            message: `uri must be ${URI_FORMS.map(({ form }) => form).join(', or ')}`,
          },
        ],
      })
      .describe(URI_FORMS.map(({ description }) => description).join(' ')),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .max(64)
      .optional()
      .describe(
        'The sha256 of the file at uri, as 64 lower-case hex digits; a file with another digest is not installed. Only for an https:// or oci:// uri.',
      ),
    secretRef: secretReference('Only for an https:// or oci:// uri.').optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '!(has(self.pvPath) && has(self.uri))',
        message: 'a source has exactly one of pvPath, hostPath and uri; keep one and remove the others',
      },
    ],
  });

export type Source = z.infer<typeof source>;
/** All that a kind of source may be written with: a source, or the fields of a chart that name its repository. */
export type WrittenSource = Source & RepositoryFields;

/** The kind of a source by the fields it has and the scheme of its uri; undefined when it has none of them. */
export function kindOf(written: WrittenSource): SourceKind | undefined {
  const given = SOURCE_KINDS.filter((kind) => written[SOURCES[kind].field] !== undefined);
  if (given[0] === undefined || SOURCES[given[0]].field !== 'uri') return given[0];
  const scheme = written.uri?.split(':')[0] ?? '';
  // An unknown scheme is refused as a wrong address.
  return given.find((kind) => formOf(kind)?.schemes.includes(scheme)) ?? 'uri';
}

/** The kind of a source in a plugin's status, like `pvPath`; undefined when it has none. */
export function sourceWord(written: WrittenSource): string | undefined {
  const kind = kindOf(written);
  if (kind === undefined) return undefined;
  const row: Pick<SourceRow<never, WrittenSource>, 'field' | 'word'> = SOURCES[kind];
  return row.word?.(written) ?? row.field;
}
