import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { LocalError } from './errors.ts';
import { layout } from './layout.ts';

/** When a process began, in clock ticks since boot; pids are used again, this with them is not. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** Lets one command at a time change the cluster. A lock whose holder was killed counts for nothing. */
export async function locked<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(layout.root, { recursive: true });
  const holder = await readFile(layout.lock, 'utf8').catch(() => '');
  const [pid = '', start] = holder.split(' ');
  if (pid !== '' && (await startOf(Number(pid))) === start)
    throw new LocalError(
      'Busy',
      `another command (pid ${pid}) is changing this cluster: wait for it, or stop it and run this again`,
    );
  await rm(layout.lock, { force: true });
  await writeFile(layout.lock, `${process.pid} ${await startOf(process.pid)}`, { flag: 'wx' });
  try {
    return await work();
  } finally {
    await rm(layout.lock, { force: true });
  }
}
