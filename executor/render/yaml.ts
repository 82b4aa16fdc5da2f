import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PayloadOf } from '#api/contract/work-order.ts';
import { Failure } from '../failure.ts';
import { addRenderedSecrets } from '../log/rendered-secrets.ts';
import { LIMIT, mebibytes } from '../source/limits.ts';
import { listing, type Resolved, readUnder, resolveSource } from '../source/resolve.ts';
import { textOf } from '../source/text-of.ts';
import { isKustomizationName } from './kustomization-name.ts';
import { readManifests } from './manifests.ts';
import type { RenderContext, Rendered } from './rendered.ts';

const MANIFEST = /\.(ya?ml|json)$/;

/**
 * The manifests of a file, or of a directory as kubectl reads it: its files, not its sub-directories.
 * @throws Failure
 */
export async function renderYaml(
  context: RenderContext,
  { source: { slot, path } }: PayloadOf<'yaml'>,
): Promise<Rendered> {
  const { config, log, redactor } = context;
  const source = await enterOnlyDirectory(await resolveSource(config.source(slot), path, 'the yaml source'));
  const files = await manifestFiles(source);
  await requireSize(files, source.label);
  const manifests: { file: string; text: string }[] = [];
  for (const path of files) {
    const content = await readUnder(source.root, path, LIMIT.file, source.label);
    const file = path.slice(source.root.length + 1);
    const text = textOf(content, file);
    addRenderedSecrets(redactor, text);
    manifests.push({ file, text });
  }
  const objects = await readManifests(context, manifests);
  if (objects.length === 0) {
    throw new Failure(
      'SourceInvalid',
      `${source.label}: no object in ${files.map((file) => basename(file)).join(', ')}`,
    );
  }
  log.note(`${objects.length} objects from ${files.length} files`);
  return { deployer: 'manifests', objects };
}

/** All files together: each has a limit of its own when it is read. */
async function requireSize(files: readonly string[], label: string): Promise<void> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= LIMIT.manifests) return;
  throw new Failure(
    'SourceInvalid',
    `${label}: it has ${mebibytes(total)} in ${files.length} files, and at most ${mebibytes(LIMIT.manifests)} are accepted; split it into several plugins`,
  );
}

/** Archives often hold one directory with all their files; the top of a volume with a single directory is read alike. */
async function enterOnlyDirectory(source: Resolved): Promise<Resolved> {
  if (source.kind === 'file' || source.path !== source.root) return source;
  const entries = (await readdir(source.path, { withFileTypes: true })).filter(
    ({ name }) => name !== 'lost+found',
  );
  const [only] = entries;
  return only?.isDirectory() && entries.length === 1
    ? { ...source, path: join(source.path, only.name) }
    : source;
}

async function manifestFiles(source: Resolved): Promise<string[]> {
  const entries = source.kind === 'file' ? [basename(source.path)] : (await readdir(source.path)).sort();
  const kustomization = entries.find(isKustomizationName);
  if (kustomization) {
    throw new Failure(
      'SourceInvalid',
      `${source.label}: it holds ${kustomization}, so it is a kustomization; give it as pluginSources.kustomize instead of yaml`,
    );
  }
  if (source.kind === 'file') return [source.path];
  const files = entries.filter((name) => MANIFEST.test(name)).map((name) => join(source.path, name));
  if (files.length === 0) {
    throw new Failure(
      'SourceInvalid',
      `${source.label}: no .yaml, .yml or .json file here; found ${listing(entries)}. Name the directory or file that has the manifests`,
    );
  }
  return files;
}
