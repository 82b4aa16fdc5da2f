import { FAILSAFE_SCHEMA, loadAll } from 'js-yaml';
import { isBase64 } from '#api/text.ts';
import type { Redactor } from './redactor.ts';
import { scalars } from './secrets.ts';

/** A document that is, or holds, a Secret; whether it can be read is another matter. */
const SECRET = /["']?\bkind["']?\s*:\s*["']?Secret(?:List)?\b/;
/** Fields of a Secret that tell nothing. */
const OPEN_FIELDS = new Set(['apiVersion', 'kind', 'type', 'metadata', 'immutable']);
/** Of a value that is a file by itself (JSON, YAML), what is looked for apart: shorter ones are settings, not secrets. */
const SHORTEST_INNER = 8;

/**
 * Has every value of every Secret in manifests redacted: as it is written, and decoded. A Secret that is no YAML is
 * redacted line by line.
 * @param open names that the log shows anyway: a value that equals one of them is no secret
 */
export function addRenderedSecrets(
  redactor: Redactor,
  manifests: string,
  open: readonly string[] = [],
): void {
  for (const text of manifests.split(/^---(?=\s|$).*$/m)) {
    if (SECRET.test(text)) addAll(redactor, valuesOf(text), open);
  }
}

/** The same of a Secret that was read from the API. */
export function addSecretObject(redactor: Redactor, secret: object, open: readonly string[] = []): void {
  addAll(redactor, secretsIn({ ...secret, kind: 'Secret' }), open);
}

function addAll(redactor: Redactor, values: readonly string[], open: readonly string[]): void {
  for (const value of values) if (!open.includes(value.trim())) redactor.add(value);
}

function valuesOf(text: string): string[] {
  try {
    return (loadAll(text, { schema: FAILSAFE_SCHEMA }) as unknown[]).flatMap(secretsIn);
  } catch {
    // What stands after the key, or the whole line of a text in several lines; parsers quote it without its marks.
    return text
      .split(/\r?\n|\r/)
      .map((line) => line.replace(/^\s*(?:- )?["']?[\w.-]+["']?:\s+/, '').trim())
      .filter((value) => !/^(Secret|v1|Opaque)$/.test(value) && !value.startsWith('#'))
      .flatMap((value) => [value, value.replaceAll(/^[*&!|>%@`"'[{\s]+|["'\]},\s]+$/g, '')]);
  }
}

function secretsIn(document: unknown): string[] {
  if (document === null || typeof document !== 'object') return [];
  const object = document as Record<string, unknown>;
  if (Array.isArray(object['items'])) return object['items'].flatMap(secretsIn);
  if (object['kind'] !== 'Secret') return [];
  const values = Object.entries(object).filter(([field]) => !OPEN_FIELDS.has(field));
  return values.flatMap(([, value]) => scalars(value)).flatMap(formsOfValue);
}

/** A value, what it is in base64, and the passwords in a file or an address that it may be. */
function formsOfValue(value: string): string[] {
  const bare = value.replaceAll(/\s/g, '');
  const isEncoded = isBase64(bare);
  const decoded = isEncoded ? Buffer.from(bare, 'base64').toString('utf8') : '';
  const texts = decoded === '' || decoded.includes('\uFFFD') ? [value] : [value, decoded];
  return [...(isEncoded ? [bare] : []), ...texts, ...texts.flatMap(innerSecrets)];
}

function innerSecrets(text: string): string[] {
  const passwords = [...text.matchAll(/:\/\/[^\s:/@]*:([^\s@]+)@/g)].map(([, password = '']) => password);
  if (!/[:=]/.test(text) || !/[\n{]/.test(text.trim())) return passwords;
  try {
    const inner = (loadAll(text, { schema: FAILSAFE_SCHEMA }) as unknown[]).flatMap(scalars);
    return [...passwords, ...inner.filter((one) => one.length >= SHORTEST_INNER)];
  } catch {
    const assigned = [...text.matchAll(/^[^=\n]+=\s*(.*)$/gm)].map(([, one = '']) => one.trim());
    return [...passwords, ...assigned.filter((one) => one.length >= SHORTEST_INNER)];
  }
}
