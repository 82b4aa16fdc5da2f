import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, link, mkdir, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { layout } from './layout.ts';

/** Folders of the image with the programs that go to the machine, besides Node.js and the agent's own sources. */
export type Bundle = { programs: string; cni: string };

/** The folder with node-agent/, api/ and node_modules/. */
const APP = dirname(dirname(import.meta.dirname));
const SOURCES = ['node-agent', 'api'];
const PROGRAMS = ['kubelet', 'kube-proxy', 'flanneld'];
const PLUGINS = ['bridge', 'host-local', 'portmap', 'loopback'];

/**
 * Copies the agent and its programs into a folder below `versions` that is named after the version. The folder appears
 * complete or not at all.
 * @returns the version, a hash of what is copied
 */
export async function copyBundle(bundle: Bundle, versions: string): Promise<string> {
  const version = await versionOf(bundle);
  const target = join(versions, version);
  if (existsSync(target)) return version;
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, 'app'), { recursive: true });
  await cp(process.execPath, join(partial, 'node'), { dereference: true });
  for (const name of [...SOURCES, 'node_modules', 'package.json'])
    await cp(join(APP, name), join(partial, 'app', name), { recursive: true, dereference: true });
  await copyPrograms(bundle.programs, PROGRAMS, join(partial, 'bin'));
  await copyPrograms(bundle.cni, PLUGINS, join(partial, 'cni'));
  await rename(partial, target);
  return version;
}

/** Copies programs; names that link to the same program share one copy. */
async function copyPrograms(from: string, names: string[], to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const copied = new Map<string, string>();
  for (const name of names) {
    const real = await realpath(join(from, name));
    const copy = copied.get(real);
    if (copy === undefined) await cp(real, join(to, name));
    else await link(copy, join(to, name));
    copied.set(real, copy ?? join(to, name));
  }
}

/** Removes versions whose folder none of these texts (units and command lines) mentions. */
export async function removeUnusedVersions(versions: string, texts: readonly string[]): Promise<void> {
  for (const name of await readdir(versions)) {
    const isUsed = texts.some((text) => text.includes(`${layout.versions}/${name}/`));
    if (!isUsed) await rm(join(versions, name), { recursive: true, force: true });
  }
}

async function versionOf({ programs, cni }: Bundle): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of SOURCES) {
    const entries = await readdir(join(APP, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((file) => join(file.parentPath, file.name));
    for (const path of files.sort()) hash.update(`${relative(APP, path)}\0`).update(await readFile(path));
  }
  const binaries = [
    process.execPath,
    ...PROGRAMS.map((name) => join(programs, name)),
    ...PLUGINS.map((name) => join(cni, name)),
  ];
  for (const path of binaries) {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${path} ${size} ${mtimeMs}\0`);
  }
  return hash.digest('hex').slice(0, 12);
}
