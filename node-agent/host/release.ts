import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, link, mkdir, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { layout } from './layout.ts';

/** Folders of the image with what goes to the machine besides Node.js and the agent's own sources. */
export type Release = { programs: string; cni: string };

/** The folder that holds node-agent/, api/ and node_modules/. */
const APP = dirname(dirname(import.meta.dirname));
const SOURCES = ['node-agent', 'api'];
const PROGRAMS = ['kubelet', 'kube-proxy', 'flanneld'];
const PLUGINS = ['bridge', 'host-local', 'portmap', 'loopback'];

/**
 * Copies what the agent needs into a folder of its own below `versions`, which is there whole or not at all.
 * @returns the version: it changes with what is copied, and only then.
 */
export async function copyRelease(release: Release, versions: string): Promise<string> {
  const version = await versionOf(release);
  const target = join(versions, version);
  if (existsSync(target)) return version;
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, 'app'), { recursive: true });
  await cp(process.execPath, join(partial, 'node'), { dereference: true });
  for (const name of [...SOURCES, 'node_modules', 'package.json'])
    await cp(join(APP, name), join(partial, 'app', name), { recursive: true, dereference: true });
  await copyPrograms(release.programs, PROGRAMS, join(partial, 'bin'));
  await copyPrograms(release.cni, PLUGINS, join(partial, 'cni'));
  await rename(partial, target);
  return version;
}

/** Names that are links to one program share one copy of it. */
async function copyPrograms(from: string, names: string[], to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const copied = new Map<string, string>();
  for (const name of names) {
    const real = await realpath(join(from, name));
    const there = copied.get(real);
    if (there === undefined) await cp(real, join(to, name));
    else await link(there, join(to, name));
    copied.set(real, there ?? join(to, name));
  }
}

/** Removes versions that none of these texts names: units, command lines. */
export async function removeUnnamed(versions: string, texts: readonly string[]): Promise<void> {
  for (const name of await readdir(versions)) {
    const isNamed = texts.some((text) => text.includes(`${layout.versions}/${name}/`));
    if (!isNamed) await rm(join(versions, name), { recursive: true, force: true });
  }
}

async function versionOf({ programs, cni }: Release): Promise<string> {
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
