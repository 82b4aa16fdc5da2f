/** The images of Pinion for the local cluster, built on its own bases without a network. */
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '#images/bundle.ts';
import { contentTag, PROGRAMS, type Program, placeholder, programNames } from '#images/images.ts';
import { copyModules } from '#images/modules.ts';
import type { Images } from '#images/publish.ts';
import { baseImage, nodeImage } from '#local/base-images.ts';
import { hashOf } from '#local/builds.ts';
import { buildImage, localName } from '#local/images.ts';
import { clone, layout } from '#local/layout.ts';
import { buildTools, pushed, toolsDockerfile, withContext } from './local-build.ts';
import { localComponents, workerBase } from './local-components.ts';

/** The executor's Go programs, as `.local/bin` has them. */
async function toolsImage(): Promise<string> {
  const programs = ['tools', 'reader'];
  const paths = programs.map((name) => join(layout.bin, name));
  const tag = `pinion/tools:${await hashOf([...paths, toolsDockerfile])}`;
  await buildTools(tag, programs);
  return tag;
}

const isShipped = (path: string) => !/\.test\.ts$|\/README\.md$/.test(path);

async function buildProgram(program: Program, tag: string, bases: Record<string, string>): Promise<void> {
  const dockerfile = join(clone, 'images', program, 'Dockerfile');
  const args = { MODULES: 'context', ...bases };
  await withContext(async (context) => {
    for (const folder of PROGRAMS[program])
      await cp(join(clone, folder), join(context, folder), { recursive: true, filter: isShipped });
    await cp(join(clone, 'package.json'), join(context, 'package.json'));
    if (program === 'executor') await bundle(clone, 'executor/main.ts', join(context, 'bundle'));
    else await copyModules(clone, PROGRAMS[program], join(context, 'node_modules'));
    await buildImage({ dockerfile, context, args, tag });
  });
}

/** Images of the local store that a program's Dockerfile starts from, by build argument. */
async function basesOf(program: Program): Promise<Record<string, string>> {
  const node = localName(nodeImage);
  switch (program) {
    case 'operator':
    case 'webhook':
      return { BASE: node };
    case 'executor':
      return { BASE: node, TOOLS: localName(await toolsImage()) };
    case 'worker':
      return { BASE: localName(await workerBase()), NODE: node };
  }
}

/**
 * Builds what changed and pushes what the registry lacks. Gives the full name of each program's image, as the
 * cluster pulls it. Tags come from content, so a run after no change does nothing.
 */
export async function localImages(registry: string): Promise<Images> {
  const node = await hashOf([layout.baseRoot], nodeImage);
  const name = async (program: Program): Promise<[Program, string]> => {
    const bases = await basesOf(program);
    const also = [node, ...Object.values(bases)];
    const tag = `${placeholder(program)}:${await contentTag(clone, program, also)}`;
    return [program, await pushed(registry, tag, () => buildProgram(program, tag, bases))];
  };
  const names: [Program, string][] = [];
  for (const program of programNames) names.push(await name(program));
  const programs = Object.fromEntries(names) as Record<Program, string>;
  return { ...programs, ...(await localComponents(registry, programs.worker)) };
}

/** An image with Node.js and little else, which every local cluster has: for servers of demo and tests. */
export const nodeServerImage = async (): Promise<string> =>
  `${(await readFile(layout.registry, 'utf8')).trim()}/${nodeImage}`;

/** A registry for the OCI charts of demo and tests, as the cluster pulls it. */
export async function registryImage(): Promise<string> {
  const registry = (await readFile(layout.registry, 'utf8')).trim();
  const binary = join(layout.machineRoot, 'usr/bin/docker-registry');
  const dockerfile = join(clone, 'test/fixtures/registry/Dockerfile');
  const tag = `pinion/registry:${await hashOf([binary, dockerfile, layout.baseRoot])}`;
  const args = { BASE: localName(baseImage) };
  return pushed(registry, tag, () =>
    withContext(async (context) => {
      await cp(binary, join(context, 'docker-registry'));
      await buildImage({ dockerfile, context, args, tag });
    }),
  );
}
