import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import { Failure } from '../failure.ts';

/** The ConfigMap of defaults that a kustomization may have beside it, as a source of its replacements. */
const FILE = 'plugin-options.yaml';

type OptionsMap = { kind?: unknown; data?: Record<string, string> } | null;

/**
 * Writes the cluster's options over the data of `plugin-options.yaml`, if the kustomization has one.
 * @param directory of the kustomization: a copy
 * @throws Failure `SourceInvalid`: the file is something else
 */
export async function setPluginOptions(directory: string, options: Record<string, string>): Promise<void> {
  const path = join(directory, FILE);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined || Object.keys(options).length === 0) return;
  const map = read(text);
  // JSON is YAML, and leaves no text that could be taken for a number or a date.
  await writeFile(path, JSON.stringify({ ...map, data: { ...map?.data, ...options } }));
}

/** A ConfigMap's data are texts, whatever they look like. */
function read(text: string): OptionsMap {
  let map: OptionsMap;
  try {
    map = load(text, { schema: FAILSAFE_SCHEMA }) as OptionsMap;
  } catch (cause) {
    const [why] = (cause as Error).message.split('\n');
    throw new Failure('SourceInvalid', `${FILE} is not YAML: ${why}`, { cause });
  }
  if (map?.kind === 'ConfigMap') return map;
  throw new Failure(
    'SourceInvalid',
    `${FILE} must be a ConfigMap, whose data are the defaults of the cluster's pluginOptions; rename it if it is something else`,
  );
}
