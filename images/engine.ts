import { execa } from 'execa';

export type Engine = 'docker' | 'buildah';
export type Build = { dockerfile: string; context: string; args: Record<string, string>; image: string };

/** The first of docker and buildah that works here; docker works if its daemon answers. */
export async function findEngine(): Promise<Engine | undefined> {
  const works = async (file: string, ...args: string[]) =>
    !(await execa(file, args, { reject: false })).failed;
  if (await works('docker', 'info')) return 'docker';
  return (await works('buildah', '--version')) ? 'buildah' : undefined;
}

/** The command that builds an image. */
export function buildCommand(engine: Engine, { dockerfile, context, args, image }: Build): string[] {
  const buildArgs = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  // Without it buildah writes OCI manifests, which older registries refuse.
  const format = engine === 'buildah' ? ['--format', 'docker'] : [];
  return [engine, 'build', ...format, ...buildArgs, '--tag', image, '--file', dockerfile, context];
}

export const pushCommand = (engine: Engine, image: string): string[] =>
  engine === 'docker' ? ['docker', 'push', image] : ['buildah', 'push', image, `docker://${image}`];

/** Runs a command with its output shown. Throws when it fails. */
export async function show([file = '', ...args]: string[]): Promise<void> {
  await execa(file, args, { stdio: 'inherit' });
}
