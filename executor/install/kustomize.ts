import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { errorText } from '../command/error-text.ts';
import { OFFLINE } from '../command/offline.ts';
import { Failure } from '../failure.ts';
import { isUnder, type Resolved, resolveSource } from '../source/resolve.ts';
import { snapshot } from '../source/snapshot.ts';
import { applyObjects } from './apply.ts';
import type { InstallContext, Installed } from './context.ts';
import { checkKustomization } from './kustomization.ts';
import { readManifests } from './manifests.ts';
import { setPluginOptions } from './plugin-options.ts';
import { KUSTOMIZATION } from './yaml.ts';

type KustomizeOrder = Extract<WorkOrder['install'], { kind: 'kustomize' }>;

/** Bytes of manifests that a kustomization may make. */
const OUTPUT_LIMIT = 32 * 1024 * 1024;

/**
 * Builds a kustomization from a copy of what it reads, then applies the result like plain manifests.
 * @throws Failure
 */
export async function installKustomize(context: InstallContext, order: KustomizeOrder): Promise<Installed> {
  const { config, log } = context;
  const { slot, path } = order.source;
  const found = await resolveSource(config.source(slot), path, 'the kustomize source');
  const start = await kustomizationDirectory(found);
  const copy = join(config.scratch, 'kustomize');
  await rm(copy, { recursive: true, force: true });
  const copied: string[] = [];
  await checkKustomization(copy, start, async (directory) => {
    if (copied.some((one) => one === '' || isUnder(one, directory))) return;
    const { path: real } = await resolveSource(found.root, directory, found.label);
    await snapshot(found.root, real, join(copy, directory), found.label);
    copied.push(directory);
  });
  await setPluginOptions(join(copy, start), context.order.options);
  const argv: [string, ...string[]] = [
    'kustomize',
    'build',
    '--load-restrictor=LoadRestrictionsRootOnly',
    join(copy, start),
  ];
  log.command(argv);
  const built = await context.run({
    argv,
    env: { ...context.env, ...OFFLINE },
    cwd: copy,
    timeoutMs: context.remaining(),
    abort: context.abort,
    dataLimit: OUTPUT_LIMIT,
  });
  if (built.ended === 'aborted') throw new Failure('Terminated', 'ended while kustomize was at work');
  if (built.ended === 'timeout') throw new Failure('InstallTimeout', 'kustomize build took too long');
  if (!built.ok) {
    const why = errorText(built.stderr).replaceAll(`${copy}/`, '') || 'it said nothing';
    throw new Failure('RenderFailed', `kustomize: ${why}`);
  }
  if (built.stdout.length > OUTPUT_LIMIT) {
    throw new Failure('SourceInvalid', 'the kustomization makes more than 32 MiB of manifests');
  }
  const objects = readManifests('kustomize build', built.stdout);
  if (objects.length === 0) throw new Failure('SourceInvalid', `${found.label}: it makes no object`);
  log.note(`${objects.length} objects built`);
  const applied = await applyObjects(context, objects);
  return { summary: `${applied} objects applied` };
}

/** The directory itself, or the single one below it, as an archive has it; relative to the root. */
async function kustomizationDirectory(found: Resolved): Promise<string> {
  if (found.kind === 'file') {
    throw new Failure('SourceInvalid', `${found.label}: it is a file; name the directory that holds it`);
  }
  const relative = (path: string) => path.slice(found.root.length + 1);
  const entries = await readdir(found.path, { withFileTypes: true });
  if (entries.some(({ name }) => KUSTOMIZATION.test(name))) return relative(found.path);
  const directories = entries.filter((entry) => entry.isDirectory() && entry.name !== 'lost+found');
  const [only] = directories;
  if (only && directories.length === 1) {
    const inner = join(found.path, only.name);
    if ((await readdir(inner)).some((name) => KUSTOMIZATION.test(name))) return relative(inner);
  }
  return relative(found.path);
}
