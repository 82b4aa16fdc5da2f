/** A cluster with Pinion on it: the local cluster, or the user's with CLUSTER=existing. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Images, publishImages } from '#images/publish.ts';
import { podRange, serviceRange } from '#local/addresses.ts';
import { LocalError } from '#local/errors.ts';
import { clone, layout } from '#local/layout.ts';
import { locked } from '#local/lock.ts';
import type { Progress } from '#local/progress.ts';
import { up } from '#local/up.ts';
import { localImages } from './local-images.ts';
import { type Flags, writeOverlay } from './overlay.ts';
import { linkToolsOfPath, type Tool, tool } from './tools.ts';

export type TestCluster = {
  /** Path of an admin kubeconfig. */
  kubeconfig: string;
  local: boolean;
  images: Images;
  kubectl: Tool;
};

/** Node directory from which plugins may take sources. */
export const HOST_DIRECTORY = '/opt/pinion';

/** Ranges of the servers of demo and tests. Of a user's cluster only the private ranges are known. */
const cidrs = (local: boolean) =>
  local ? [serviceRange, podRange] : ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** Brings the cluster up, installs Pinion and waits for it. Does only what is not done yet. */
export async function prepareCluster(progress: Progress): Promise<TestCluster> {
  const local = process.env['CLUSTER'] !== 'existing';
  if (local) await inTurn(progress, () => up(progress));
  else await linkToolsOfPath();
  const kubeconfig = local ? layout.kubeconfig : await existingKubeconfig();
  const kubectl = tool('kubectl', kubeconfig);
  const images = await progress.step('images of Pinion, control planes and worker pods', async () =>
    local
      ? inTurn(progress, async () => localImages(await localRegistry()))
      : publishImages({ registry: requireEnvironment('REGISTRY') }),
  );
  await progress.step('kubectl apply -k deploy/', async () => install(kubectl, images, await flags(local)));
  return { kubeconfig, local, images, kubectl };
}

const BUSY_LIMIT_MS = 600_000;

/** Runs work that changes the cluster or its images, once no other command does. */
async function inTurn<T>(progress: Progress, work: () => Promise<T>): Promise<T> {
  const end = Date.now() + BUSY_LIMIT_MS;
  for (let isNoted = false; ; isNoted = true) {
    try {
      return await locked(work);
    } catch (error) {
      if (!(error instanceof LocalError && error.reason === 'Busy') || Date.now() > end) throw error;
      if (!isNoted) progress.note(error.message);
      await new Promise((resume) => setTimeout(resume, 1000));
    }
  }
}

const localRegistry = async () => (await readFile(layout.registry, 'utf8')).trim();

const flags = async (local: boolean): Promise<Flags> => ({
  both: [`--allow-source-cidrs=${cidrs(local).join(',')}`, `--allow-host-path=${HOST_DIRECTORY}`],
  operator: (local ? [await localRegistry()] : insecureRegistries()).map(
    (host) => `--insecure-registry=${host}`,
  ),
});

/** A user's nodes may know a registry without TLS; nodes of managed clusters need the flag. */
const insecureRegistries = (): string[] =>
  (process.env['INSECURE_REGISTRY'] ?? '').split(',').filter(Boolean);

async function install(kubectl: Tool, images: Images, flags: Flags): Promise<void> {
  // Server-side, because the annotation of a client-side apply would contain a whole CRD.
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', await writeOverlay(images, flags)]);
  const status = ['rollout', 'status', '-n', 'pinion-system', '--timeout=180s'];
  await Promise.all(
    ['deployment/pinion-operator', 'deployment/pinion-webhook'].map((name) => kubectl([...status, name])),
  );
  await kubectl([
    'wait',
    '--for=condition=Established',
    '--timeout=30s',
    'crd',
    '-l',
    'app.kubernetes.io/part-of=pinion',
  ]);
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', join(clone, 'deploy', 'catalogue')]);
}

/** The user's current context, alone and with everything inline. */
async function existingKubeconfig(): Promise<string> {
  const path = join(layout.root, 'existing.kubeconfig');
  const kubeconfig = process.env['KUBECONFIG'] ?? '';
  const text = await tool('kubectl', kubeconfig)(['config', 'view', '--raw', '--flatten', '--minify']);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

function requireEnvironment(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(
      `CLUSTER=existing needs ${name}: a registry that you push to and the cluster pulls from, like registry.example.com/pinion`,
    );
  return value;
}
