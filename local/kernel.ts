import { readFile, writeFile } from 'node:fs/promises';
import { LocalError } from './errors.ts';

const INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
/** All machines, and the worker pods of tenants in them, share one user's limit: each node takes about fifteen. */
const WANTED = 1024;

/**
 * Raises the one kernel setting that is too low for several nodes on one machine. It stays raised, because another
 * clone's cluster may need it.
 */
export async function raiseKernelLimits(): Promise<void> {
  const now = Number(await readFile(INSTANCES, 'utf8').catch(() => WANTED));
  if (now >= WANTED) return;
  try {
    await writeFile(INSTANCES, `${WANTED}\n`);
  } catch (cause) {
    throw new LocalError(
      'KernelLimitTooLow',
      `fs.inotify.max_user_instances is ${now}, and containerd and kubelet need ${WANTED}; it can't be raised from here, so run on the host: sysctl -w fs.inotify.max_user_instances=${WANTED}`,
      { cause },
    );
  }
}
