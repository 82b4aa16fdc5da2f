import { existsSync, statfsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MOUNT = '/sys/fs/cgroup';
const CGROUP2_MAGIC = 0x63677270;
const CPUSET = ['cpuset.cpus', 'cpuset.mems'];

const isUnified = () => statfsSync(MOUNT).type === CGROUP2_MAGIC;

/** The folders of a control group, one in each hierarchy of the machine. */
async function foldersOf(group: string): Promise<string[]> {
  if (isUnified()) return [join(MOUNT, group)];
  const entries = await readdir(MOUNT, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(MOUNT, name, group));
}

/** Creates the control group, ready for pods. */
export async function makeCgroup(group: string): Promise<void> {
  for (const folder of await foldersOf(group)) {
    await mkdir(folder, { recursive: true });
    for (const file of CPUSET) {
      // On cgroup v1 an empty cpuset admits no process; on v2 it means all.
      if (!isUnified() && existsSync(join(folder, file)))
        await copyFile(join(folder, '..', file), join(folder, file));
    }
    if (isUnified()) await enableControllers(join(folder, '..'));
  }
}

async function enableControllers(folder: string): Promise<void> {
  const controllers = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  const text = controllers.map((name) => `+${name}`).join(' ');
  await writeFile(join(folder, 'cgroup.subtree_control'), text);
}

async function treeOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => treeOf(join(folder, name)));
  return existsSync(folder) ? [...(await Promise.all(below)).flat(), folder] : [];
}

async function pidsIn(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** Processes in the control group and below it. */
export async function processesIn(group: string): Promise<number[]> {
  const trees = (await Promise.all((await foldersOf(group)).map(treeOf))).flat();
  return [...new Set((await Promise.all(trees.map(pidsIn))).flat())];
}

/** Removes a control group without processes. @throws while one of its folders is busy */
export async function removeCgroup(group: string): Promise<void> {
  for (const root of await foldersOf(group)) for (const folder of await treeOf(root)) await rmdir(folder);
}
