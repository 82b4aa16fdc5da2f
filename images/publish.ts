import type { ComponentName } from '#operator/host/component-images.ts';
import {
  COMPONENT_PROGRAMS,
  type ComponentProgram,
  componentImages,
  componentPrograms,
  KUBERNETES_FLAGS,
  WORKER_PROGRAMS,
} from './components.ts';
import { type Build, buildCommand, type Engine, findEngine, pushCommand, show } from './engine.ts';
import { contentTag, type Program, programNames } from './images.ts';

export type PublishOptions = {
  /** Where the images go, like registry.example.com/pinion. */
  registry: string;
  /** Default a hash of the content. */
  tag?: string | undefined;
  /** Image with Node.js 24 in place of the Dockerfiles' default. */
  base?: string | undefined;
  /** Image with Go in place of the Dockerfile's default. */
  go?: string | undefined;
};

/** The image of each program of Pinion and of each component of managed clusters. */
export type Images = Record<Program | ComponentName, string>;

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const folder = `${root}/images`;
const dockerfile = (name: string) => `${folder}/${name}/Dockerfile`;

/** An image of Go programs. Other images copy from it, no cluster pulls it. */
const goImage = (
  image: string,
  go: string | undefined,
  packages: readonly string[],
  flags?: string,
): Build => ({
  dockerfile: dockerfile('tools'),
  context: `${folder}/tools`,
  args: {
    BINARY: 'go',
    PACKAGES: packages.join(' '),
    ...(go ? { GO: go } : {}),
    ...(flags ? { LDFLAGS: flags } : {}),
  },
  image,
});

/** Builds and pushes the images of control planes and of pause. */
async function publishComponents(
  engine: Engine,
  programs: string,
  name: (image: string) => string,
): Promise<{ programs: Record<ComponentProgram, string>; pause: string }> {
  const publish = async (build: Build): Promise<string> => {
    await show(buildCommand(engine, build));
    await show(pushCommand(engine, build.image));
    return build.image;
  };
  const images: [ComponentProgram, string][] = [];
  for (const program of componentPrograms) {
    const args = { TOOLS: programs, BINARY: program, NAMES: COMPONENT_PROGRAMS[program].names.join(' ') };
    const image = name(program);
    images.push([
      program,
      await publish({ dockerfile: dockerfile('component'), context: folder, args, image }),
    ]);
  }
  const args = { BINARY: 'package' };
  const pause = { dockerfile: dockerfile('pause'), context: folder, args, image: name('pause') };
  return {
    programs: Object.fromEntries(images) as Record<ComponentProgram, string>,
    pause: await publish(pause),
  };
}

/**
 * Builds every image from public bases with docker or buildah, and pushes it.
 * @returns the names of the images
 * @throws Error when neither works here, or a build fails.
 */
export async function publishImages(options: PublishOptions): Promise<Images> {
  const registry = options.registry.replace(/\/+$/, '');
  const { tag, base, go } = options;
  const engine = await findEngine();
  if (engine === undefined)
    throw new Error('neither docker (with its daemon) nor buildah works here; install one of them');
  const unpushed = (name: string) => `${registry}/${name}:${tag ?? 'latest'}`;
  const [tools, programs, workerBase] = [unpushed('tools'), unpushed('programs'), unpushed('worker-base')];
  const packages = [
    ...Object.values(WORKER_PROGRAMS),
    ...componentPrograms.map((program) => COMPONENT_PROGRAMS[program].package),
  ];
  await show(buildCommand(engine, goImage(tools, go, ['./cmd/tools', './cmd/reader'])));
  await show(buildCommand(engine, goImage(programs, go, [...new Set(packages)], KUBERNETES_FLAGS)));
  // The Dockerfiles' own defaults: buildah (1.28) finds the stages that they name only if they are given.
  const worker = { BASE: 'packages', TOOLS: programs, ...(base ? { NODE: base } : {}) };
  const inWorker = { dockerfile: dockerfile('worker-base'), context: folder, args: worker };
  await show(buildCommand(engine, { ...inWorker, image: workerBase }));

  const argsOf = (program: Program): Record<string, string> => {
    if (program === 'worker') return { BASE: workerBase, ...(base ? { NODE: base } : {}) };
    return { ...(base ? { BASE: base } : {}), ...(program === 'executor' ? { TOOLS: tools } : {}) };
  };
  const build = async (program: Program): Promise<[Program, string]> => {
    const image = `${registry}/${program}:${tag ?? (await contentTag(root, program, [base ?? '']))}`;
    const args = { MODULES: 'npm', ...argsOf(program) };
    await show(buildCommand(engine, { dockerfile: dockerfile(program), context: root, args, image }));
    await show(pushCommand(engine, image));
    return [program, image];
  };
  const images: [Program, string][] = [];
  for (const program of programNames) images.push(await build(program));
  const own = Object.fromEntries(images) as Record<Program, string>;
  const goTag = tag ?? (await contentTag(root, 'worker', [go ?? '']));
  const name = (image: string) => `${registry}/${image}:${goTag}`;
  const made = await publishComponents(engine, programs, name);
  return { ...own, ...componentImages(made.programs, { worker: own.worker, pause: made.pause }) };
}
