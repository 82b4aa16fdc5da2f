import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PayloadOf } from '#api/contract/work-order.ts';
import { errorText } from '../command/error-text.ts';
import { requireMemory } from '../command/memory.ts';
import { OFFLINE } from '../command/offline.ts';
import { Failure } from '../failure.ts';
import { addRenderedSecrets } from '../log/rendered-secrets.ts';
import { LIMIT, mebibytes } from '../source/limits.ts';
import { isUnder, type Resolved, resolveSource } from '../source/resolve.ts';
import { snapshot } from '../source/snapshot.ts';
import { checkKustomization } from './kustomization.ts';
import { isKustomizationName } from './kustomization-name.ts';
import { addKustomizationSecrets } from './kustomize-secrets.ts';
import { readManifests } from './manifests.ts';
import { setPluginOptions } from './plugin-options.ts';
import type { RenderContext, Rendered } from './rendered.ts';

/** Garbage is collected from here on: without it 32 MiB of manifests take two thirds of the container's memory. */
const GO_MEMORY = { GOMEMLIMIT: '400MiB' };

/** The manifests that `kustomize build` makes from a copy of what the kustomization reads. @throws Failure */
export async function renderKustomize(
  context: RenderContext,
  { source: { slot, path } }: PayloadOf<'kustomize'>,
): Promise<Rendered> {
  const { config, log, order } = context;
  const source = await resolveSource(config.source(slot), path, 'the kustomize source');
  const start = await kustomizationDirectory(source);
  const copy = join(config.scratch, 'kustomize');
  await copyKustomization(source, start, copy);
  await setPluginOptions(join(copy, start), order.options);
  await addKustomizationSecrets(context.redactor, copy);
  const text = await build(context, copy, start);
  addRenderedSecrets(context.redactor, text);
  const objects = await readManifests(context, [{ file: 'kustomize build', text }]);
  if (objects.length === 0) throw new Failure('SourceInvalid', `${source.label}: it produces no objects`);
  log.note(`${objects.length} objects built`);
  return { deployer: 'manifests', objects };
}

/** Copies the directories that the kustomization reads, and no others. */
async function copyKustomization(source: Resolved, start: string, copy: string): Promise<void> {
  await rm(copy, { recursive: true, force: true });
  const copied: string[] = [];
  await checkKustomization(copy, start, async (directory) => {
    if (copied.some((parent) => parent === '' || isUnder(parent, directory))) return;
    const { path: real } = await resolveSource(source.root, directory, source.label);
    await snapshot(source.root, real, join(copy, directory), source.label);
    copied.push(directory);
  });
}

async function build(context: RenderContext, copy: string, start: string): Promise<string> {
  const argv: [string, ...string[]] = [
    'kustomize',
    'build',
    '--load-restrictor=LoadRestrictionsRootOnly',
    join(copy, start),
  ];
  context.log.command(argv);
  const built = await context.run({
    argv,
    env: { ...context.env, ...OFFLINE, ...GO_MEMORY },
    cwd: copy,
    timeoutMs: context.remaining(),
    abort: context.abort,
    dataLimit: LIMIT.manifests,
  });
  if (built.ended === 'aborted') throw new Failure('Terminated', 'terminated while kustomize was running');
  if (built.ended === 'timeout') throw new Failure('InstallTimeout', 'kustomize build took too long');
  requireMemory('kustomize', built);
  if (!built.ok) {
    const why = errorText(built.stderr).replaceAll(`${copy}/`, '') || '(no error output)';
    throw new Failure('RenderFailed', `kustomize: ${why}`);
  }
  if (built.stdout.length > LIMIT.manifests) {
    const limit = mebibytes(LIMIT.manifests);
    throw new Failure(
      'SourceInvalid',
      `the kustomization makes over ${limit} of manifests, and at most ${limit} are accepted; split it into several plugins`,
    );
  }
  return built.stdout;
}

/** The directory itself, or the single one below it, as an archive has it; relative to the root. */
async function kustomizationDirectory(source: Resolved): Promise<string> {
  if (source.kind === 'file') {
    throw new Failure('SourceInvalid', `${source.label}: it is a file; name the directory that holds it`);
  }
  const relative = (path: string) => path.slice(source.root.length + 1);
  const entries = await readdir(source.path, { withFileTypes: true });
  if (entries.some(({ name }) => isKustomizationName(name))) return relative(source.path);
  const directories = entries.filter((entry) => entry.isDirectory() && entry.name !== 'lost+found');
  const [only] = directories;
  if (only && directories.length === 1) {
    const inner = join(source.path, only.name);
    if ((await readdir(inner)).some(isKustomizationName)) return relative(inner);
  }
  return relative(source.path);
}
