/** The images of Pinion for the local cluster: built on its own bases, without a network. */
import { cp, link, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contentTag, PROGRAMS, type Program, placeholder, programNames } from '#images/images.ts';
import { copyModules } from '#images/modules.ts';
import { baseImage, nodeImage } from '#local/base-images.ts';
import { hashOf } from '#local/builds.ts';
import { buildImage, hasImage, localName, pushImage, registryHas } from '#local/images.ts';
import { clone, layout } from '#local/layout.ts';

const contexts = join(layout.containers, 'context');

/** Gives `work` a context folder of its own: two runs at once don't meet in it. */
async function withContext(work: (context: string) => Promise<unknown>): Promise<void> {
  await mkdir(contexts, { recursive: true });
  const context = await mkdtemp(join(contexts, 'program-'));
  try {
    await work(context);
  } finally {
    await rm(context, { recursive: true });
  }
}

/** The tools, as `.local/bin/tools` has them. */
async function buildTools(): Promise<string> {
  const binary = join(layout.bin, 'tools');
  const dockerfile = join(clone, 'images/tools/Dockerfile');
  const tag = `pinion/tools:${await hashOf([binary, dockerfile])}`;
  if (await hasImage(tag)) return tag;
  await withContext(async (context) => {
    await link(binary, join(context, 'tools'));
    await buildImage({ dockerfile, context, args: { BINARY: 'context' }, tag });
  });
  return tag;
}

const isShipped = (path: string) => !/\.test\.ts$|\/README\.md$/.test(path);

async function buildProgram(program: Program, tag: string, tools: Record<string, string>): Promise<void> {
  const dockerfile = join(clone, 'images', program, 'Dockerfile');
  const args = { BASE: localName(nodeImage), MODULES: 'context', ...tools };
  await withContext(async (context) => {
    for (const folder of PROGRAMS[program])
      await cp(join(clone, folder), join(context, folder), { recursive: true, filter: isShipped });
    await cp(join(clone, 'package.json'), join(context, 'package.json'));
    await copyModules(clone, PROGRAMS[program], join(context, 'node_modules'));
    await buildImage({ dockerfile, context, args, tag });
  });
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
    await withContext(async (context) => {
      await cp(binary, join(context, 'docker-registry'));
      await buildImage({ dockerfile, context, args: { BASE: localName(baseImage) }, tag });
    });
    await pushImage(tag);
  }
  return `${registry}/${tag}`;
}
