import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, networkInterfaces, totalmem } from 'node:os';
import { join } from 'node:path';
import { ReasonedError } from '#api/errors.ts';
import { SYSCTLS } from './network.ts';

/** All processors and memory that the kernel has, as the kubelet counts them. */
export const totalOfMachine = () => ({
  cpuMillis: availableParallelism() * 1000,
  memoryBytes: totalmem(),
});

/**
 * The address of the interface that the default route goes through.
 * @param routes text of /proc/net/route
 * @throws ReasonedError `NoNodeAddress`
 */
export function nodeAddress(routes: string, interfaces = networkInterfaces()): string {
  for (const line of routes.split('\n').slice(1)) {
    const [name = '', destination, , , , , , mask] = line.trim().split(/\s+/);
    const found = interfaces[name]?.find(({ family }) => family === 'IPv4');
    if (destination === '00000000' && mask === '00000000' && found) return found.address;
  }
  throw new ReasonedError(
    'NoNodeAddress',
    'no interface with an IPv4 address has the default route; give the machine one',
  );
}

/** Sets what pods and Services need of the kernel. Gives the settings that are there and could not be set. */
export async function setSysctls(root = '/proc/sys'): Promise<string[]> {
  const refused: string[] = [];
  for (const [name, value] of Object.entries(SYSCTLS)) {
    const path = join(root, name);
    if (!existsSync(path) || (await readFile(path, 'utf8')).trim() === value) continue;
    await writeFile(path, value).catch(() => refused.push(name));
  }
  return refused;
}
