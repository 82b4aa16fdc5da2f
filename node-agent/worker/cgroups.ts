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

/** Files of a control group and what to write into them, so that all in it stays within the size. */
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
 * Makes the control group for the pods, as a child of the one that the worker pod is in: whatever is done in it,
 * the pod's own limits hold. What the node's programs need is outside of it.
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
    // On cgroup v1 a group whose sets are empty admits no process.
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

/** On cgroup v2 a group has processes or children with controllers, never both. */
async function freeRootOfProcesses(root: string): Promise<void> {
  // Of the host's own root nothing may be moved: enter.sh has to have given us a namespace.
  if ((await readFile('/proc/self/cgroup', 'utf8')).trim() !== '0::/') {
    throw new ReasonedError(
      'NoCgroupNamespace',
      'the worker sees control groups that are not its own; start it by worker/enter.sh',
    );
  }
  const own = join(root, 'node');
  await mkdir(own, { recursive: true });
  for (const pid of (await readFile(join(root, 'cgroup.procs'), 'utf8')).split('\n').filter(Boolean)) {
    await writeFile(join(own, 'cgroup.procs'), pid).catch(() => undefined);
  }
  const controllers = (await readFile(join(root, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  await writeFile(join(root, 'cgroup.subtree_control'), controllers.map((one) => `+${one}`).join(' '));
}
