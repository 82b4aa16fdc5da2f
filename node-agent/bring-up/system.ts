import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, networkInterfaces, totalmem } from 'node:os';
import { join } from 'node:path';
import { ReasonedError } from '#api/errors.ts';
import { SYSCTLS } from './network.ts';

/** Processors and memory of the machine, as the kubelet counts them. */
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
    const ipv4 = interfaces[name]?.find(({ family }) => family === 'IPv4');
    if (destination === '00000000' && mask === '00000000' && ipv4) return ipv4.address;
  }
  throw new ReasonedError(
    'NoNodeAddress',
    'no interface with an IPv4 address has the default route; configure one',
  );
}

/** Applies the kernel settings that pods and Services need. @returns the settings that could not be applied */
export async function setSysctls(root = '/proc/sys'): Promise<string[]> {
  const refused: string[] = [];
  for (const [name, value] of Object.entries(SYSCTLS)) {
    const path = join(root, name);
    if (!existsSync(path) || (await readFile(path, 'utf8')).trim() === value) continue;
    await writeFile(path, value).catch(() => refused.push(name));
  }
  return refused;
}
