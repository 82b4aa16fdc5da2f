import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import type { Target } from '#api/kubeconfig.ts';
import type { Redactor } from './redactor.ts';

/** Credentials of the target, as they stand in the kubeconfig and as the tools hold them in memory. */
export function addTargetSecrets(redactor: Redactor, target: Target): void {
  if (target.token) redactor.add(target.token);
  for (const data of [target.key, target.cert]) {
    if (!data) continue;
    redactor.add(data);
    redactor.add(Buffer.from(data, 'base64').toString('utf8'));
  }
}

/**
 * Every text and number in a file of secret values. Keys are no secrets. A file that is not YAML is one secret
 * by itself, so that an error that quotes it is masked.
 */
export function addValuesSecrets(redactor: Redactor, text: string): void {
  redactor.add(text);
  try {
    for (const scalar of scalars(load(text))) redactor.add(scalar);
    // As it is written, too: 0123 and 12345678901234567890 are other numbers to other parsers.
    for (const scalar of scalars(load(text, { schema: FAILSAFE_SCHEMA }))) redactor.add(scalar);
  } catch {
    // Not YAML: helm will say so, and what it quotes is masked.
  }
}

/** Every text and number in a tree, not its keys. */
export function scalars(tree: unknown): string[] {
  if (typeof tree === 'string') return [tree];
  if (typeof tree === 'number' || typeof tree === 'bigint') return [String(tree)];
  if (tree !== null && typeof tree === 'object') return Object.values(tree).flatMap(scalars);
  return [];
}
