import { readdir, readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readYaml } from '#api/yaml.ts';
import { Failure } from '../failure.ts';
import { textOf } from '../source/text-of.ts';
import { isKustomizationName } from './kustomization-name.ts';

/** Fields whose entries are paths of files or directories, or documents written in place. */
const PATH_LISTS = [
  'resources',
  'bases',
  'components',
  'crds',
  'configurations',
  'transformers',
  'validators',
  'patchesStrategicMerge',
];
/** Of these, the ones whose entries may be documents written in place. */
const IN_PLACE = new Set(['transformers', 'validators', 'patchesStrategicMerge']);
/** Fields whose entries are objects with a `path`. */
const PATH_OBJECTS = ['patches', 'patchesJson6902', 'replacements'];
/** Fields that run something or fetch something. */
const REFUSED: Record<string, string> = {
  helmCharts: 'give the chart as a plugin of its own (pluginSources.chart)',
  helmChartInflationGenerator: 'give the chart as a plugin of its own (pluginSources.chart)',
  generators: 'run the generator first and store its output',
};

/**
 * Proves that a kustomization, and every one that it refers to, reads only files below `root`: kustomize itself
 * would fetch URLs and git repositories wherever it takes a path.
 * @param bring makes sure that a directory, relative to the root, is there to be read
 * @throws Failure `SourceInvalid`; the message names file, field and remedy
 */
export async function checkKustomization(
  root: string,
  start: string,
  bring: (directory: string) => Promise<void>,
): Promise<void> {
  const seen = new Set<string>();
  const pending = [start];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    if (seen.has(directory)) continue;
    seen.add(directory);
    await bring(directory);
    const { file, tree } = await readKustomization(root, directory);
    for (const [field, path] of pathsOf(file, tree)) {
      const target = localPath(file, directory, field, path);
      await bring(posix.dirname(target) === '.' ? '' : posix.dirname(target)).catch(() => undefined);
      const about = await stat(join(root, target)).catch((cause: unknown) => {
        throw new Failure('SourceInvalid', `${file}: ${field} names "${path}", which is not in the source`, {
          cause,
        });
      });
      // Wherever kustomize takes a directory, it takes it for a kustomization.
      if (about.isDirectory()) pending.push(target);
    }
  }
}

async function readKustomization(root: string, directory: string) {
  const names = await readdir(join(root, directory)).catch(() => [] as string[]);
  const name = names.find(isKustomizationName);
  if (name === undefined) {
    throw new Failure(
      'SourceInvalid',
      `${directory || 'the kustomize source'}: no kustomization.yaml here; name the directory that has one`,
    );
  }
  const file = posix.join(directory, name);
  const text = textOf(await readFile(join(root, file)), file);
  try {
    const tree = readYaml(text);
    return { file, tree: (tree ?? {}) as Record<string, unknown> };
  } catch (cause) {
    throw new Failure('SourceInvalid', `${file} is not YAML: ${(cause as Error).message.split('\n')[0]}`, {
      cause,
    });
  }
}

/** Every path in a kustomization, with its field. */
function pathsOf(file: string, tree: Record<string, unknown>): [string, string][] {
  for (const [field, remedy] of Object.entries(REFUSED)) {
    if (tree[field] !== undefined) {
      throw new Failure('SourceInvalid', `${file}: ${field} is not supported by Pinion; ${remedy}`);
    }
  }
  requireSpelling(file, tree);
  const found: [string, string][] = [];
  const add = (field: string, value: unknown) => {
    // A document in place has more than one line; kustomize tells them apart in the same way.
    const isPath = typeof value === 'string' && !(IN_PLACE.has(field) && value.includes('\n'));
    if (isPath) found.push([field, value]);
  };
  const list = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : []);
  const fieldOf = (value: unknown, key: string) => (value as Record<string, unknown> | null)?.[key];
  for (const field of PATH_LISTS) for (const value of list(tree[field])) add(field, value);
  for (const field of PATH_OBJECTS) {
    for (const value of list(tree[field])) add(field, fieldOf(value, 'path'));
  }
  add('openapi', fieldOf(tree['openapi'], 'path'));
  for (const field of ['configMapGenerator', 'secretGenerator']) {
    for (const generator of list(tree[field])) {
      const files = list(fieldOf(generator, 'files')).map((one) => String(one).replace(/^[^=]*=/, ''));
      for (const path of [...files, ...list(fieldOf(generator, 'envs')), fieldOf(generator, 'env')]) {
        add(field, path);
      }
    }
  }
  return found;
}

/** What is looked at above and below, by its lower-case form. */
const SPELLING = new Map(
  [
    ...[...PATH_LISTS, ...PATH_OBJECTS, ...Object.keys(REFUSED), 'configMapGenerator', 'secretGenerator'],
    ...['openapi', 'path', 'files', 'envs', 'env'],
  ].map((field) => [field.toLowerCase(), field]),
);

/** Go reads field names in any case; what is written otherwise would be looked at by kustomize only. */
function requireSpelling(file: string, tree: Record<string, unknown>): void {
  const inner = [...PATH_OBJECTS, 'configMapGenerator', 'secretGenerator', 'openapi'].flatMap((field) =>
    [tree[field] ?? []].flat(),
  );
  for (const object of [tree, ...inner]) {
    for (const key of Object.keys(object ?? {})) {
      const field = SPELLING.get(key.toLowerCase());
      if (field !== undefined && field !== key) {
        throw new Failure('SourceInvalid', `${file}: "${key}" is written ${field}; correct it`);
      }
    }
  }
}

/** The path relative to the root. @throws Failure when it is remote or leads out */
function localPath(file: string, directory: string, field: string, path: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:|^[^/]*@|\?|\/\/|^\//.test(path)) {
    throw new Failure(
      'SourceInvalid',
      `${file}: ${field} names "${path}"; a kustomization can't fetch anything or use absolute paths; store the file in the source and use a relative path`,
    );
  }
  const target = posix.normalize(posix.join(directory, path)).replace(/\/$/, '');
  if (target === '..' || target.startsWith('../')) {
    throw new Failure('SourceInvalid', `${file}: ${field} names "${path}", which points outside the source`);
  }
  return target === '.' ? '' : target;
}
