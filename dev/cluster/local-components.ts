/** The images of control planes and worker pods, for the local cluster. */
import { join } from 'node:path';
import { execa } from 'execa';
import {
  COMPONENT_PROGRAMS,
  type ComponentProgram,
  componentImages,
  componentPrograms,
  WORKER_PROGRAMS,
} from '#images/components.ts';
import { baseImage, nodeImage, pauseImage } from '#local/base-images.ts';
import { hashOf } from '#local/builds.ts';
import { buildImage, hasImage, localName } from '#local/images.ts';
import { clone, layout } from '#local/layout.ts';
import { machineRootHash } from '#local/roots.ts';
import type { ComponentName } from '#operator/host/component-images.ts';
import { buildTools, pushed, toolsDockerfile, withContext } from './local-build.ts';

const dockerfile = (name: string) => join(clone, 'images', name, 'Dockerfile');
const binary = (name: string) => join(layout.bin, name);
const workerPrograms = Object.keys(WORKER_PROGRAMS);

/** All Go programs of components and worker, in one image. */
async function programsImage(): Promise<string> {
  const names = [...new Set([...componentPrograms, ...workerPrograms])];
  const tag = `pinion/programs:${await hashOf([toolsDockerfile, ...names.map(binary)])}`;
  await buildTools(tag, names);
  return tag;
}

/** The root of the machines as an image: everything that a node needs except Kubernetes. */
async function machineImage(): Promise<string> {
  const tag = `pinion/machine:${await hashOf([dockerfile('base')], await machineRootHash())}`;
  if (await hasImage(tag)) return tag;
  await withContext(async (context) => {
    const left = ['./var/cache/*', './var/lib/apt/lists/*', './usr/bin/docker-registry', './dev/*'];
    const excluded = left.map((path) => `--exclude=${path}`);
    await execa('tar', ['-C', layout.machineRoot, ...excluded, '-cf', join(context, 'base.tar'), '.']);
    await buildImage({ dockerfile: dockerfile('base'), context, tag });
  });
  return tag;
}

/** The base image of the worker: a change of the node agent does not rebuild it. */
export async function workerBase(): Promise<string> {
  const inputs = [dockerfile('worker-base'), ...workerPrograms.map(binary)];
  const machine = await machineImage();
  const tag = `pinion/worker-base:${await hashOf(inputs, machine, nodeImage)}`;
  if (await hasImage(tag)) return tag;
  const args = {
    DEBIAN: localName(machine),
    BASE: localName(machine),
    NODE: localName(nodeImage),
    TOOLS: localName(await programsImage()),
  };
  await withContext((context) => buildImage({ dockerfile: dockerfile('worker-base'), context, args, tag }));
  return tag;
}

async function programImage(registry: string, program: ComponentProgram): Promise<string> {
  const hash = await hashOf([binary(program), dockerfile('component'), layout.baseRoot]);
  return pushed(registry, `pinion/${program}:${hash}`, async () => {
    const args = {
      BASE: localName(baseImage),
      TOOLS: localName(await programsImage()),
      BINARY: program,
      NAMES: COMPONENT_PROGRAMS[program].names.join(' '),
    };
    const tag = `pinion/${program}:${hash}`;
    await withContext((context) => buildImage({ dockerfile: dockerfile('component'), context, args, tag }));
  });
}

/** Builds what changed and pushes what the registry lacks; `worker` is the image that the worker has there. */
export async function localComponents(
  registry: string,
  worker: string,
): Promise<Record<ComponentName, string>> {
  const images: [ComponentProgram, string][] = [];
  for (const program of componentPrograms) images.push([program, await programImage(registry, program)]);
  return componentImages(Object.fromEntries(images) as Record<ComponentProgram, string>, {
    worker,
    pause: `${registry}/${pauseImage}`, // `up` has pushed it
  });
}
