import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AGENT_PHASES } from '#api/contract/host-agent.ts';
import { joinOrder } from '#api/contract/join-order.ts';

/** What the agent must know after a restart of itself or of the machine. */
const machineState = z.object({
  phase: z.enum(AGENT_PHASES),
  since: z.iso.datetime(),
  order: joinOrder.optional().describe('In all phases but Host.'),
  /** Sockets of the host's containers before the machine joined: all others are the tenant's. */
  hostSockets: z.array(z.string()).optional(),
});
export type MachineState = z.infer<typeof machineState>;

/** The stored state; `Host` on a machine that never left the host. @throws when the file can't be read */
export async function readState(path: string, now: Date): Promise<MachineState> {
  try {
    return machineState.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { phase: 'Host', since: now.toISOString() };
  }
}

export const writeState = (path: string, state: MachineState): Promise<void> =>
  writeWhole(path, `${JSON.stringify(state)}\n`, 0o600);

/** Writes a file atomically: readers see the old text or the new one, even after a power cut. */
export async function writeWhole(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.new`, 'w', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
