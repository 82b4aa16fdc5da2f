import { readFile, writeFile } from 'node:fs/promises';
import { LocalError } from './errors.ts';

const INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
/** All machines, and the nodes of tenants in their pods, are one user's: each node takes about fifteen. */
const WANTED = 1024;

/**
 * Raises the one setting of the kernel that several nodes on one machine need more of, if it is lower. It stays so:
 * another clone's cluster may need it.
 */
export async function raiseKernelLimits(): Promise<void> {
  const now = Number(await readFile(INSTANCES, 'utf8').catch(() => WANTED));
  if (now >= WANTED) return;
  try {
    await writeFile(INSTANCES, `${WANTED}\n`);
  } catch (cause) {
    throw new LocalError(
      'KernelLimitTooLow',
      `fs.inotify.max_user_instances is ${now} and can't be raised from here, and containerd and kubelet need more: sysctl fs.inotify.max_user_instances=${WANTED}`,
      { cause },
    );
  }
}
