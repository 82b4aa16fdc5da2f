import { readdir, readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { load } from 'js-yaml';
import { Failure } from '../failure.ts';
import { KUSTOMIZATION } from './yaml.ts';

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
/** Fields whose entries are objects with a `path`. */
const PATH_OBJECTS = ['patches', 'patchesJson6902', 'replacements'];
/** Fields that run something or fetch something. */
const REFUSED: Record<string, string> = {
  helmCharts: 'give the chart as a plugin of its own (pluginSources.chart)',
  helmChartInflationGenerator: 'give the chart as a plugin of its own (pluginSources.chart)',
  generators: 'run the generator before and store what it makes',
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
      if (about.isDirectory() && ['resources', 'bases', 'components'].includes(field)) pending.push(target);
    }
  }
}

async function readKustomization(root: string, directory: string) {
  const names = await readdir(join(root, directory)).catch(() => [] as string[]);
  const name = names.find((one) => KUSTOMIZATION.test(one));
  if (name === undefined) {
    throw new Failure(
      'SourceInvalid',
      `${directory || 'the kustomize source'}: no kustomization.yaml here; name the directory that has one`,
    );
  }
  const file = posix.join(directory, name);
  try {
    const tree = load(await readFile(join(root, file), 'utf8'));
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
      throw new Failure('SourceInvalid', `${file}: ${field} is not run by Pinion; ${remedy}`);
    }
  }
  const found: [string, string][] = [];
  const add = (field: string, value: unknown) => {
    // A document in place has more than one line; kustomize tells them apart in the same way.
    if (typeof value === 'string' && !value.includes('\n')) found.push([field, value]);
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

/** The path relative to the root. @throws Failure when it is remote or leads out */
function localPath(file: string, directory: string, field: string, path: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:|^[^/]*@|\?|\/\/|^\//.test(path)) {
    throw new Failure(
      'SourceInvalid',
      `${file}: ${field} names "${path}"; a kustomization can't fetch anything, nor use absolute paths: store it beside and give the relative path`,
    );
  }
  const target = posix.normalize(posix.join(directory, path)).replace(/\/$/, '');
  if (target === '..' || target.startsWith('../')) {
    throw new Failure('SourceInvalid', `${file}: ${field} names "${path}", which leads out of the source`);
  }
  return target === '.' ? '' : target;
}
