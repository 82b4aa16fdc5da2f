/** Builds images for the local cluster, each in its own build context, and pushes them once. */
import { link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage, hasImage, pushImage, registryHas } from '#local/images.ts';
import { clone, layout } from '#local/layout.ts';

const contexts = join(layout.containers, 'context');

/** Gives `work` its own context folder, so that two runs at the same time don't share one. */
export async function withContext(work: (context: string) => Promise<unknown>): Promise<void> {
  await mkdir(contexts, { recursive: true });
  const context = await mkdtemp(join(contexts, 'program-'));
  try {
    await work(context);
  } finally {
    await rm(context, { recursive: true });
  }
}

/** Pushes an image unless the registry has it; `build` builds it in the local store. @returns its name in the registry */
export async function pushed(registry: string, tag: string, build: () => Promise<unknown>): Promise<string> {
  if (!(await registryHas(registry, tag))) {
    if (!(await hasImage(tag))) await build();
    await pushImage(tag);
  }
  return `${registry}/${tag}`;
}

export const toolsDockerfile = join(clone, 'images/tools/Dockerfile');

/** Builds an image of only these programs of `.local/bin`; other images copy from it. */
export async function buildTools(tag: string, programs: readonly string[]): Promise<void> {
  if (await hasImage(tag)) return;
  await withContext(async (context) => {
    await mkdir(join(context, 'bin'));
    for (const name of programs) await link(join(layout.bin, name), join(context, 'bin', name));
    await buildImage({ dockerfile: toolsDockerfile, context, args: { BINARY: 'context' }, tag });
  });
}
