import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { ReasonedError } from '#api/errors.ts';

const ROOT = '/sys/fs/cgroup';
const CGROUP2_MAGIC = 0x63677270;
const PERIOD_US = 100_000;

/** True where every controller is in one hierarchy (cgroup v2). */
export const isUnified = (root = ROOT): boolean => statfsSync(root).type === CGROUP2_MAGIC;

/** Files of a control group and their contents, which limit everything in it to the size. */
export function limitsFor(
  { capacity }: Pick<JoinOrder, 'capacity'>,
  unified: boolean,
): Record<string, string> {
  if (!capacity) return {};
  const quota = String(Math.max(1000, Math.round((capacity.cpuMillis * PERIOD_US) / 1000)));
  const memory = String(capacity.memoryBytes);
  return unified
    ? { 'cpu.max': `${quota} ${PERIOD_US}`, 'memory.max': memory }
    : { 'cpu.cfs_period_us': String(PERIOD_US), 'cpu.cfs_quota_us': quota, 'memory.limit_in_bytes': memory };
}

/**
 * Creates the control group for the pods below the worker pod's own, whose limits hold whatever happens in it. The node's
 * programs run outside of it.
 * @throws ReasonedError `NoCgroupNamespace`
 */
export async function makePodsGroup(
  name: string,
  order: Pick<JoinOrder, 'capacity'>,
  root = ROOT,
): Promise<void> {
  const unified = isUnified(root);
  if (unified) await freeRootOfProcesses(root);
  const hierarchies = unified ? [root] : foldersOf(root);
  for (const hierarchy of hierarchies) {
    const folder = join(hierarchy, name);
    await mkdir(folder, { recursive: true });
    // On cgroup v1 an empty cpuset admits no process.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (!unified && existsSync(join(hierarchy, file))) {
        await writeFile(join(folder, file), await readFile(join(hierarchy, file)));
      }
    }
    for (const [file, value] of Object.entries(limitsFor(order, unified))) {
      if (existsSync(join(folder, file))) await writeFile(join(folder, file), value);
    }
  }
}

const foldersOf = (root: string) =>
  readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name));

/** On cgroup v2 a group can't have both processes and children with controllers. */
async function freeRootOfProcesses(root: string): Promise<void> {
  // Without the namespace of enter.sh this would move processes of the host.
  if ((await readFile('/proc/self/cgroup', 'utf8')).trim() !== '0::/') {
    throw new ReasonedError(
      'NoCgroupNamespace',
      'the worker sees control groups outside its own; start it with worker/enter.sh',
    );
  }
  const own = join(root, 'node');
  await mkdir(own, { recursive: true });
  for (const pid of (await readFile(join(root, 'cgroup.procs'), 'utf8')).split('\n').filter(Boolean)) {
    await writeFile(join(own, 'cgroup.procs'), pid).catch(() => undefined);
  }
  const controllers = (await readFile(join(root, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  await writeFile(join(root, 'cgroup.subtree_control'), controllers.map((name) => `+${name}`).join(' '));
}
