import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import type { Redactor } from '../log/redactor.ts';
import { addRenderedSecrets } from '../log/rendered-secrets.ts';
import { LIMIT } from '../source/limits.ts';
import { isKustomizationName } from './kustomization-name.ts';

type Generator = { literals?: unknown; files?: unknown; envs?: unknown; env?: unknown };

/**
 * Has redacted what a kustomization makes Secrets of, before kustomize runs: its errors quote literals and lines.
 * What can't be read is left to kustomize, which says so.
 */
export async function addKustomizationSecrets(redactor: Redactor, copy: string): Promise<void> {
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || (await stat(path)).size > LIMIT.file) continue;
    if (!/\.(ya?ml|json)$/.test(entry.name) && !isKustomizationName(entry.name)) continue;
    const text = await readFile(path, 'utf8');
    addRenderedSecrets(redactor, text);
    if (!isKustomizationName(entry.name)) continue;
    for (const generator of generatorsOf(text)) await addGenerator(redactor, entry.parentPath, generator);
  }
}

function generatorsOf(text: string): Generator[] {
  try {
    const { secretGenerator } = load(text, { schema: FAILSAFE_SCHEMA }) as { secretGenerator?: Generator[] };
    return secretGenerator ?? [];
  } catch {
    return [];
  }
}

async function addGenerator(redactor: Redactor, directory: string, generator: Generator): Promise<void> {
  for (const literal of list(generator.literals)) addPair(redactor, literal);
  for (const file of list(generator.files)) {
    await addFile(directory, file.replace(/^[^=]*=/, ''), (text) => redactor.add(text));
  }
  for (const env of [...list(generator.envs), ...list([generator.env])]) {
    await addFile(directory, env, (text) => {
      for (const line of text.split(/\r?\n/)) addPair(redactor, line);
    });
  }
}

const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** `key=value`; all of it where there is no `=`, because that is how kustomize refuses it. */
function addPair(redactor: Redactor, text: string): void {
  if (text.startsWith('#')) return;
  const value = text.slice(text.indexOf('=') + 1).trim();
  redactor.add(value);
  redactor.add(value.replace(/^(["'])(.*)\1$/, '$2'));
}

async function addFile(directory: string, path: string, add: (text: string) => void): Promise<void> {
  const text = await readFile(join(directory, path), 'utf8').catch(() => undefined);
  if (text !== undefined && text.length <= LIMIT.file) add(text);
}
