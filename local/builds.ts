import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from './errors.ts';
import { layout } from './layout.ts';
import { attempt, run, tied } from './run.ts';

const version = 'k8s.io/component-base/version';
const kubernetesFlags = `-s -w -X ${version}.gitVersion=v1.36.3 -X ${version}.gitMajor=1 -X ${version}.gitMinor=36`;

/** The programs that each binary of .local/bin is called as. */
const programs = {
  kube: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'],
  tools: ['kubectl', 'helm', 'kustomize'],
  reader: [],
  coredns: [],
  'local-path-provisioner': [],
  flanneld: [],
  'proxy-server': [],
  'proxy-agent': [],
  'metrics-server': [],
} as const;

/** Packages of the programs that need no version of Kubernetes. */
const otherPackages = [
  './cmd/reader',
  './cmd/coredns',
  './cmd/flanneld',
  './cmd/proxy-server',
  './cmd/proxy-agent',
  'sigs.k8s.io/metrics-server/cmd/metrics-server',
  'github.com/rancher/local-path-provisioner',
];

/** Hash of files, by name and content, and of what else a result depends on. */
export async function hashOf(paths: string[], ...also: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const text of also) hash.update(`${text}\0`);
  for (const path of paths.toSorted())
    hash
      .update(`${path.slice(layout.root.length - 6)}\0`)
      .update(await readFile(path))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}

/**
 * Does the work unless it was done with the same inputs before. Remembers only finished work.
 * @returns whether the work was done now
 */
export async function once(
  name: string,
  hash: string,
  results: string[],
  work: () => Promise<void>,
): Promise<boolean> {
  const stamp = join(layout.stamps, name);
  const before = await readFile(stamp, 'utf8').catch(() => '');
  if (before === hash && results.every((path) => existsSync(path))) return false;
  await rm(stamp, { force: true });
  await work();
  await mkdir(layout.stamps, { recursive: true });
  await writeFile(stamp, hash);
  return true;
}

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(go|mod|sum)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function goBuild(flags: string, output: string, ...packages: string[]): Promise<void> {
  await run([...tied, 'go', 'build', '-trimpath', '-ldflags', flags, '-o', output, ...packages], {
    cwd: layout.tools,
    env: { CGO_ENABLED: '0' },
    timeout: 3_600_000,
  });
}

async function requireGo(): Promise<void> {
  const needed = /^go (\S+)/m.exec(await readFile(join(layout.tools, 'go.mod'), 'utf8'))?.[1];
  const version = await attempt(['go', 'version']);
  if (!version.ok)
    throw new LocalError(
      'GoMissing',
      `Go is needed to build Kubernetes: install Go ${needed} or newer from go.dev/dl and put it on PATH`,
    );
}

async function build(): Promise<void> {
  await requireGo();
  const fresh = `${layout.bin}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await goBuild(kubernetesFlags, `${fresh}/`, './cmd/kube', './cmd/tools');
  await goBuild('-s -w', `${fresh}/`, ...otherPackages);
  await mkdir(layout.bin, { recursive: true });
  for (const name of Object.keys(programs)) await rename(join(fresh, name), join(layout.bin, name));
  await rm(fresh, { recursive: true });
}

/** Hash of what .local/bin is built from. */
export const programsHash = async (): Promise<string> => hashOf(await sources(layout.tools), kubernetesFlags);

/** Builds .local/bin from images/tools: Kubernetes, the tools, and the other programs of clusters. */
export async function buildPrograms(): Promise<boolean> {
  const binaries = Object.keys(programs).map((name) => join(layout.bin, name));
  const built = await once(
    'programs',
    await hashOf(await sources(layout.tools), kubernetesFlags),
    binaries,
    build,
  );
  for (const [binary, names] of Object.entries(programs))
    for (const name of names) {
      const link = join(layout.bin, name);
      if (existsSync(link)) continue;
      await rm(link, { force: true });
      await symlink(binary, link);
    }
  return built;
}
