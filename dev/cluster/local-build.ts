/** How images are built for the local cluster: in a context of their own, and pushed once. */
import { link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage, hasImage, pushImage, registryHas } from '#local/images.ts';
import { clone, layout } from '#local/layout.ts';

const contexts = join(layout.containers, 'context');

/** Gives `work` a context folder of its own: two runs at once don't meet in it. */
export async function withContext(work: (context: string) => Promise<unknown>): Promise<void> {
  await mkdir(contexts, { recursive: true });
  const context = await mkdtemp(join(contexts, 'program-'));
  try {
    await work(context);
  } finally {
    await rm(context, { recursive: true });
  }
}

/** The image's name in the cluster's registry, once it is there. `build` makes it in the local store. */
export async function pushed(registry: string, tag: string, build: () => Promise<unknown>): Promise<string> {
  if (!(await registryHas(registry, tag))) {
    if (!(await hasImage(tag))) await build();
    await pushImage(tag);
  }
  return `${registry}/${tag}`;
}

export const toolsDockerfile = join(clone, 'images/tools/Dockerfile');

/** An image of nothing but these programs of `.local/bin`, which others copy from. */
export async function buildTools(tag: string, programs: readonly string[]): Promise<void> {
  if (await hasImage(tag)) return;
  await withContext(async (context) => {
    await mkdir(join(context, 'bin'));
    for (const name of programs) await link(join(layout.bin, name), join(context, 'bin', name));
    await buildImage({ dockerfile: toolsDockerfile, context, args: { BINARY: 'context' }, tag });
  });
}
