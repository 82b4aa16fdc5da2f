import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readAllYaml } from '#api/yaml.ts';
import { LIMIT } from '../source/limits.ts';
import type { Layer } from './values.ts';

/**
 * Whether a chart, one of its dependencies or one of the files of values names a key of values, like `global.pinion`:
 * in values.yaml, in values.schema.json or in a template. What nobody names is not given to a chart.
 * @param directory of the chart @param values files of values, and expressions for `--set`
 */
export async function isKeyNamed(key: string, directory: string, values: readonly Layer[]): Promise<boolean> {
  for (const layer of values) {
    if ('set' in layer) {
      if (layer.set.some((expression) => expression.includes(key))) return true;
    } else if (hasKey(await readFile(layer.file, 'utf8'), key)) return true;
  }
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (entry.isFile() && (await namesKey(join(entry.parentPath, entry.name), key))) return true;
  }
  return false;
}

async function namesKey(path: string, key: string): Promise<boolean> {
  const name = basename(path);
  if (name === 'values.yaml') return hasKey(await readFile(path, 'utf8'), key);
  if (name === 'values.schema.json') return schemaHasKey(await readFile(path, 'utf8'), key);
  if (/\.(ya?ml|tpl|txt)$/.test(name) && path.includes('/templates/')) {
    return (await readFile(path, 'utf8')).includes(`.${key}`);
  }
  // A dependency as `helm dependency build` packs it: one that reads the key has it in its templates.
  if (name.endsWith('.tgz') && basename(dirname(path)) === 'charts') {
    const packed = await readFile(path);
    const text = await promisify(gunzip)(packed, { maxOutputLength: LIMIT.unpacked }).catch(() => '');
    return text.includes(`.${key}`);
  }
  return false;
}

/** What can't be read is Helm's to refuse. */
function hasKey(text: string, key: string): boolean {
  try {
    const [tree] = readAllYaml(text);
    return at(tree, key.split('.')) !== undefined;
  } catch {
    return false;
  }
}

function schemaHasKey(text: string, key: string): boolean {
  try {
    const path = key.split('.').flatMap((step) => ['properties', step]);
    return at(JSON.parse(text), path) !== undefined;
  } catch {
    return false;
  }
}

const at = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (node, step) =>
      node !== null && typeof node === 'object' && Object.hasOwn(node, step)
        ? (node as Record<string, unknown>)[step]
        : undefined,
    tree,
  );
