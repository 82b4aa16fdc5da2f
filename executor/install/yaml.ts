import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { Failure } from '../failure.ts';
import { LIMIT } from '../source/limits.ts';
import { listing, type Resolved, readUnder, resolveSource } from '../source/resolve.ts';
import { applyObjects } from './apply.ts';
import type { InstallContext, Installed } from './context.ts';
import { type ManifestObject, readManifests } from './manifests.ts';

type YamlOrder = Extract<WorkOrder['install'], { kind: 'yaml' }>;

export const KUSTOMIZATION = /^(kustomization\.ya?ml|Kustomization)$/;
const MANIFEST = /\.(ya?ml|json)$/;

/**
 * Applies the manifests of a file, or of a directory as kubectl does: its files, not its sub-directories.
 * @throws Failure
 */
export async function installYaml(context: InstallContext, order: YamlOrder): Promise<Installed> {
  const { slot, path } = order.source;
  const found = await enterOnlyDirectory(
    await resolveSource(context.config.source(slot), path, 'the yaml source'),
  );
  const objects: ManifestObject[] = [];
  const files = await manifestFiles(found);
  for (const file of files) {
    const content = await readUnder(found.root, file, LIMIT.file, found.label);
    objects.push(...readManifests(file.slice(found.root.length + 1), content.toString('utf8')));
  }
  if (objects.length === 0) {
    throw new Failure(
      'SourceInvalid',
      `${found.label}: no object in ${files.map((f) => basename(f)).join(', ')}`,
    );
  }
  context.log.note(`${objects.length} objects from ${files.length} files`);
  const applied = await applyObjects(context, objects);
  return { summary: `${applied} objects applied` };
}

/** An archive has its files in one directory of its own; the top of a volume that has just one is taken alike. */
async function enterOnlyDirectory(found: Resolved): Promise<Resolved> {
  if (found.kind === 'file' || found.path !== found.root) return found;
  const entries = (await readdir(found.path, { withFileTypes: true })).filter(
    ({ name }) => name !== 'lost+found',
  );
  const [only] = entries;
  return only?.isDirectory() && entries.length === 1
    ? { ...found, path: join(found.path, only.name) }
    : found;
}

async function manifestFiles(found: Resolved): Promise<string[]> {
  const entries = found.kind === 'file' ? [basename(found.path)] : (await readdir(found.path)).sort();
  const kustomization = entries.find((name) => KUSTOMIZATION.test(name));
  if (kustomization) {
    throw new Failure(
      'SourceInvalid',
      `${found.label}: it holds ${kustomization}, so it is a kustomization; give it as pluginSources.kustomize instead of yaml`,
    );
  }
  if (found.kind === 'file') return [found.path];
  const files = entries.filter((name) => MANIFEST.test(name)).map((name) => join(found.path, name));
  if (files.length === 0) {
    throw new Failure(
      'SourceInvalid',
      `${found.label}: no .yaml, .yml or .json file here; found ${listing(entries)}. Name the directory or file that has the manifests`,
    );
  }
  return files;
}
