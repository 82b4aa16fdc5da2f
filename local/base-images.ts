import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { hashOf, once } from './builds.ts';
import { buildImage, hasImage, pushImage, registryHas } from './images.ts';
import { clone, layout } from './layout.ts';

/** Images that every local cluster has. The bases are also in the local store as `localhost/<name>`. */
export const baseImage = 'pinion/base:bookworm';
export const nodeImage = 'pinion/node:24';
export const pauseImage = 'pinion/pause:local';

type Recipe = {
  tag: string;
  dockerfile: string;
  /** Files of the context: name → path. */
  files: Record<string, string>;
  args?: Record<string, string>;
};

const images = (...path: string[]) => join(clone, 'images', ...path);
const own = (name: string) => join(clone, 'local', 'images', name);

function nodeBinary(): string {
  const name = `node-linux-${process.arch}`;
  return join(
    dirname(createRequire(join(clone, 'package.json')).resolve(`${name}/package.json`)),
    'bin',
    'node',
  );
}

/** Recipes in the order in which they need each other; the tags of programs carry a hash of the program. */
async function recipes(): Promise<Recipe[]> {
  const program = async (name: string): Promise<Recipe> => {
    const path = join(layout.bin, name);
    return {
      tag: `pinion/${name}:${await hashOf([path])}`,
      dockerfile: own('program.Dockerfile'),
      files: { program: path },
      args: { BASE: `localhost/${baseImage}` },
    };
  };
  return [
    { tag: baseImage, dockerfile: images('base', 'Dockerfile'), files: { 'base.tar': layout.baseRoot } },
    {
      tag: pauseImage,
      dockerfile: images('pause', 'Dockerfile'),
      files: { catatonit: join(layout.machineRoot, 'usr/bin/catatonit') },
      args: { BASE: `localhost/${baseImage}`, BINARY: 'context' },
    },
    {
      tag: nodeImage,
      dockerfile: images('node', 'Dockerfile'),
      files: { node: nodeBinary() },
      args: { BASE: `localhost/${baseImage}` },
    },
    await program('coredns'),
    await program('local-path-provisioner'),
  ];
}

async function buildOne({ tag, dockerfile, files, args }: Recipe): Promise<void> {
  const context = join(layout.containers, 'context', tag.replaceAll(/[/:]/g, '-'));
  await rm(context, { recursive: true, force: true });
  await mkdir(context, { recursive: true });
  for (const [name, path] of Object.entries(files))
    await link(path, join(context, name)).catch(() => copyFile(path, join(context, name)));
  await buildImage({ dockerfile, context, tag, ...(args === undefined ? {} : { args }) });
  await rm(context, { recursive: true });
}

/** Builds the images whose inputs changed into the local store; returns all tags. */
export async function buildBaseImages(): Promise<string[]> {
  const tags: string[] = [];
  let baseHash = '';
  for (const recipe of await recipes()) {
    const hash = await hashOf(
      [recipe.dockerfile, ...Object.values(recipe.files)],
      recipe.args === undefined ? '' : baseHash,
    );
    if (recipe.tag === baseImage) baseHash = hash;
    const stamp = `image-${recipe.tag.replaceAll(/[/:]/g, '-')}`;
    if (!(await hasImage(recipe.tag))) await rm(join(layout.stamps, stamp), { force: true });
    const built = await once(stamp, hash, [], () => buildOne(recipe));
    if (built) await rm(join(layout.stamps, `push-${stamp}`), { force: true });
    tags.push(recipe.tag);
  }
  return tags;
}

/** Pushes the images that the registry doesn't have in their newest form. */
export async function pushBaseImages(registry: string, tags: string[]): Promise<void> {
  for (const tag of tags) {
    const stamp = `push-image-${tag.replaceAll(/[/:]/g, '-')}`;
    if (!(await registryHas(registry, tag))) await rm(join(layout.stamps, stamp), { force: true });
    await once(stamp, 'pushed', [], async () => {
      await pushImage(tag);
    });
  }
}
