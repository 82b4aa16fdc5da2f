import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from './errors.ts';
import { layout } from './layout.ts';
import { attempt, run, tied } from './run.ts';
import { knownCluster } from './state.ts';

export type ImageBuild = {
  dockerfile: string;
  context: string;
  /** Build arguments, e.g. `{ BASE: 'localhost/pinion/base:bookworm' }`. */
  args?: Record<string, string>;
  /** Name within the local store, without a registry: `pinion/operator:1234`. */
  tag: string;
};

/** buildah with a store inside the clone, so that clones don't share one. */
const buildah = () => [
  ...tied,
  'buildah',
  '--root',
  join(layout.containers, 'storage'),
  '--runroot',
  join(layout.containers, 'run'),
  '--storage-driver',
  'overlay',
];

/** Name of an image in the local store. */
export const localName = (tag: string): string => `localhost/${tag}`;

/** Builds a Dockerfile into the local store; returns what it printed. */
export async function buildImage({ dockerfile, context, args = {}, tag }: ImageBuild): Promise<string> {
  await mkdir(layout.containers, { recursive: true });
  return run(
    [
      ...buildah(),
      'build',
      '--isolation',
      'chroot',
      '--format',
      'docker',
      '--layers=false',
      '--pull=never',
      ...Object.entries(args).map(([name, value]) => `--build-arg=${name}=${value}`),
      '--tag',
      localName(tag),
      '--file',
      dockerfile,
      context,
    ],
    { env: { TMPDIR: await buildTemp() } },
  );
}

async function buildTemp(): Promise<string> {
  const folder = join(layout.containers, 'tmp');
  await mkdir(folder, { recursive: true });
  return folder;
}

/** True if the local store has the image. */
export async function hasImage(tag: string): Promise<boolean> {
  return (await attempt([...buildah(), 'inspect', '--type', 'image', localName(tag)])).ok;
}

/** Pushes an image of the local store to the cluster's registry; returns its full name there. */
export async function pushImage(tag: string): Promise<string> {
  const cluster = await knownCluster();
  if (cluster === undefined)
    throw new LocalError('NoCluster', 'there is no local cluster yet: run `make up`');
  const name = `${cluster.registry}/${tag}`;
  await run(
    [
      ...buildah(),
      'push',
      '--tls-verify=false',
      '--compression-format',
      'gzip',
      '--compression-level',
      '1',
      localName(tag),
      `docker://${name}`,
    ],
    { env: { TMPDIR: await buildTemp() } },
  );
  return name;
}

/** True if the cluster's registry has the image. */
export async function registryHas(registry: string, tag: string): Promise<boolean> {
  const [name, version = 'latest'] = tag.split(':');
  const response = await fetch(`http://${registry}/v2/${name}/manifests/${version}`, {
    method: 'HEAD',
    headers: {
      accept:
        'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json',
    },
    signal: AbortSignal.timeout(5000),
  }).catch(() => undefined);
  return response?.ok ?? false;
}
