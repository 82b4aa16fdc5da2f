import { existsSync, statfsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from './run.ts';

const mountPoint = '/sys/fs/cgroup';
const cgroup2Magic = 0x63677270;

/** True where every controller is in the one unified hierarchy (cgroup v2). */
export const isUnified = (): boolean => statfsSync(mountPoint).type === cgroup2Magic;

/** Roots of all hierarchies of the host: one on cgroup v2, one per controller on v1. */
async function hierarchies(): Promise<string[]> {
  if (isUnified()) return [mountPoint];
  const entries = await readdir(mountPoint, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(mountPoint, entry.name));
}

/** Makes the control group in every hierarchy and returns the folders. */
export async function makeCgroups(...path: string[]): Promise<string[]> {
  const made: string[] = [];
  for (const root of await hierarchies()) {
    let folder = root;
    for (const part of path) {
      const parent = folder;
      folder = join(folder, part);
      await mkdir(folder, { recursive: true });
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        const from = join(parent, file);
        if (!isUnified() && existsSync(from)) await writeFile(join(folder, file), await readFile(from)); // empty ones admit no process
      }
      if (isUnified()) await enableControllers(parent);
    }
    made.push(folder);
  }
  return made;
}

async function enableControllers(folder: string): Promise<void> {
  const controllers = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  await writeFile(join(folder, 'cgroup.subtree_control'), controllers.map((name) => `+${name}`).join(' '));
}

async function folders(root: string): Promise<string[]> {
  if (!existsSync(root)) return [];
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries.filter((e) => e.isDirectory()).map((e) => folders(join(root, e.name))),
  );
  return [...below.flat(), root];
}

/** Processes in the control group and below it, in all hierarchies. */
export async function processesIn(...path: string[]): Promise<number[]> {
  const pids = new Set<number>();
  for (const root of await hierarchies())
    for (const folder of await folders(join(root, ...path))) {
      const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const line of text.split('\n')) if (Number(line) > 0) pids.add(Number(line));
    }
  return [...pids];
}

/** True if the control group exists in any hierarchy. */
export async function cgroupExists(...path: string[]): Promise<boolean> {
  return (await hierarchies()).some((root) => existsSync(join(root, ...path)));
}

/** Kills every process in the control group, waits until they are gone, and removes it with all below it. */
export async function destroyCgroups(...path: string[]): Promise<void> {
  const emptied = async () => {
    const pids = await processesIn(...path);
    for (const pid of pids)
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone in the meantime
      }
    return pids.length === 0;
  };
  await waitFor(`the processes in control group ${path.join('/')} to end`, emptied, 60);
  const removed = async () => {
    for (const root of await hierarchies())
      for (const folder of await folders(join(root, ...path))) await rmdir(folder).catch(() => undefined);
    return !(await cgroupExists(...path));
  };
  await waitFor(`control group ${path.join('/')} to be removed`, removed, 60);
}
