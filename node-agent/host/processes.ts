import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReasonedError } from '#api/errors.ts';

const TIMEOUT_MS = 20_000;
const POLL_MS = 100;

/** Kills all processes that `find` returns, until it returns none. @throws ReasonedError `ProcessesRemain` */
export async function endProcesses(find: () => Promise<number[]>): Promise<void> {
  for (const end = Date.now() + TIMEOUT_MS; ; ) {
    const pids = await find();
    if (pids.length === 0) return;
    if (Date.now() > end) {
      throw new ReasonedError(
        'ProcessesRemain',
        `these processes survived SIGKILL: ${pids.slice(0, 10).join(', ')}`,
      );
    }
    for (const pid of pids) kill(pid);
    await sleep(POLL_MS);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // the process has ended already
  }
}

/** Ids of all other processes with a path below the folder in their command line. */
export async function processesUsing(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 1 && pid !== process.pid);
  const matches = pids.map(async (pid) => {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return line.includes(`${folder}/`) ? [pid] : [];
  });
  return (await Promise.all(matches)).flat();
}
