import { buildCommand, findEngine, pushCommand, show } from './engine.ts';
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

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');

/**
 * Builds every image from public bases with docker or buildah, pushes them and gives their names.
 * @throws Error when neither works here, or a build fails.
 */
export async function publishImages(options: PublishOptions): Promise<Record<Program, string>> {
  const registry = options.registry.replace(/\/+$/, '');
  const { tag, base, go } = options;
  const engine = await findEngine();
  if (engine === undefined)
    throw new Error('neither docker (with its daemon) nor buildah works here; install one of them');
  const tools = `${registry}/tools:${tag ?? 'latest'}`;
  const folder = `${root}/images`;
  await show(
    buildCommand(engine, {
      dockerfile: `${folder}/tools/Dockerfile`,
      context: `${folder}/tools`,
      args: { BINARY: 'go', ...(go ? { GO: go } : {}) },
      image: tools,
    }),
  );
  const build = async (program: Program): Promise<[Program, string]> => {
    const image = `${registry}/${program}:${tag ?? (await contentTag(root, program, [base ?? '']))}`;
    const args: Record<string, string> = {
      // The Dockerfile's own default, said aloud: buildah (1.28) finds the stage that it names only then.
      MODULES: 'npm',
      ...(base ? { BASE: base } : {}),
      ...(program === 'executor' ? { TOOLS: tools } : {}),
    };
    const dockerfile = `${folder}/${program}/Dockerfile`;
    await show(buildCommand(engine, { dockerfile, context: root, args, image }));
    await show(pushCommand(engine, image));
    return [program, image];
  };
  const images: [Program, string][] = [];
  for (const program of programNames) images.push(await build(program));
  return Object.fromEntries(images) as Record<Program, string>;
}
