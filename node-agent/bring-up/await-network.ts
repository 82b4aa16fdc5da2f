import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFiles } from './files.ts';
import { type Machine, pathsIn } from './machine.ts';
import { podNetworkFiles } from './network.ts';

const POLL_MS = 200;

/** Writes the pod network once flanneld has the node's range. @returns false when the signal came first */
export async function awaitNetwork(machine: Machine, signal: AbortSignal): Promise<boolean> {
  const { subnet } = pathsIn(machine.folders);
  while (!signal.aborted) {
    const text = await readFile(subnet, 'utf8').catch(() => undefined);
    if (text) {
      await writeFiles(podNetworkFiles(text, machine));
      return true;
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}
