/** The images of Pinion for the local cluster: built on its own bases, without a network. */
import { cp, link, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contentTag, PROGRAMS, type Program, placeholder, programNames } from '#images/images.ts';
import { copyModules } from '#images/modules.ts';
import { baseImage, nodeImage } from '#local/base-images.ts';
import { hashOf } from '#local/builds.ts';
import { buildImage, hasImage, localName, pushImage, registryHas } from '#local/images.ts';
import { clone, layout } from '#local/layout.ts';

const contexts = join(layout.containers, 'context');

async function freshFolder(name: string): Promise<string> {
  const folder = join(contexts, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

/** The tools, as `.local/bin/tools` has them. */
async function buildTools(): Promise<string> {
  const binary = join(layout.bin, 'tools');
  const tag = `pinion/tools:${await hashOf([binary, join(clone, 'images/tools/Dockerfile')])}`;
  if (await hasImage(tag)) return tag;
  const context = await freshFolder('tools');
  await link(binary, join(context, 'tools'));
  await buildImage({
    dockerfile: join(clone, 'images/tools/Dockerfile'),
    context,
    args: { BINARY: 'context' },
    tag,
  });
  await rm(context, { recursive: true });
  return tag;
}

async function buildProgram(program: Program, tag: string, args: Record<string, string>): Promise<void> {
  const context = await freshFolder(program);
  for (const folder of PROGRAMS[program])
    await cp(join(clone, folder), join(context, folder), {
      recursive: true,
      filter: (path) => !/\.test\.ts$|\/README\.md$/.test(path),
    });
  await cp(join(clone, 'package.json'), join(context, 'package.json'));
  await copyModules(clone, PROGRAMS[program], join(context, 'node_modules'));
  const base = { BASE: localName(nodeImage), MODULES: 'context' };
  await buildImage({
    dockerfile: join(clone, 'images', program, 'Dockerfile'),
    context,
    args: { ...base, ...args },
    tag,
  });
  await rm(context, { recursive: true });
}

/**
 * Builds what changed and pushes what the registry lacks. Gives the full name of each program's image, as the
 * cluster pulls it. Tags come from content, so a run after no change does nothing.
 */
export async function localImages(registry: string): Promise<Record<Program, string>> {
  const tools = await buildTools();
  const base = await hashOf([layout.baseRoot], nodeImage);
  const name = async (program: Program): Promise<[Program, string]> => {
    const tag = `${placeholder(program)}:${await contentTag(clone, program, [base, tools])}`;
    if (!(await registryHas(registry, tag))) {
      const args: Record<string, string> = program === 'executor' ? { TOOLS: localName(tools) } : {};
      if (!(await hasImage(tag))) await buildProgram(program, tag, args);
      await pushImage(tag);
    }
    return [program, `${registry}/${tag}`];
  };
  const names: [Program, string][] = [];
  for (const program of programNames) names.push(await name(program));
  return Object.fromEntries(names) as Record<Program, string>;
}

/** A registry for the OCI charts of demo and tests, as the cluster pulls it. */
export async function registryImage(): Promise<string> {
  const registry = (await readFile(layout.registry, 'utf8')).trim();
  const binary = join(layout.machineRoot, 'usr/bin/docker-registry');
  const dockerfile = join(clone, 'test/fixtures/registry/Dockerfile');
  const tag = `pinion/registry:${await hashOf([binary, dockerfile, layout.baseRoot])}`;
  if (!(await registryHas(registry, tag))) {
    const context = await freshFolder('registry');
    await cp(binary, join(context, 'docker-registry'));
    await buildImage({ dockerfile, context, args: { BASE: localName(baseImage) }, tag });
    await rm(context, { recursive: true });
    await pushImage(tag);
  }
  return `${registry}/${tag}`;
}
