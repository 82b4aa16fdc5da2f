import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { awaitNetwork } from '../bring-up/await-network.ts';
import { nodeFiles, nodeFolders, writeFiles } from '../bring-up/files.ts';
import { foldersIn, type Machine, pathsIn } from '../bring-up/machine.ts';
import { services } from '../bring-up/services.ts';
import { nodeAddress, setSysctls, totalOfMachine } from '../bring-up/system.ts';
import { makePodsGroup } from './cgroups.ts';
import { serveHealth } from './health.ts';
import { supervise } from './supervisor.ts';

const PODS_GROUP = 'pinion';
const run = promisify(execFile);

export type WorkerOptions = { order: JoinOrder; healthPort: number; programs: string; cniPrograms: string };

/** Makes this pod a node of its tenant, until the signal. @throws ReasonedError */
export async function runWorker(
  { order, healthPort, programs, cniPrograms }: WorkerOptions,
  signal: AbortSignal,
): Promise<void> {
  const logOf = (name: string) => (line: string) => process.stdout.write(`${name}: ${line}\n`);
  const machine: Machine = {
    folders: foldersIn('/'),
    programs,
    cniPrograms,
    nodeIp: nodeAddress(await readFile('/proc/net/route', 'utf8')),
    cgroupRoot: `/${PODS_GROUP}`,
    total: totalOfMachine(),
  };
  await prepare(order, machine, logOf('agent'));
  const health = serveHealth(healthPort);
  logOf('agent')(`node ${order.nodeName} at ${machine.nodeIp} is joining ${order.server}`);
  const running = services(order, machine).map((service) =>
    supervise(service, { signal, log: logOf(service.name) }),
  );
  if (await awaitNetwork(machine, signal)) logOf('agent')('the pod network is ready');
  await Promise.all(running);
  health.close();
}

async function prepare(order: JoinOrder, machine: Machine, log: (line: string) => void): Promise<void> {
  // Mount propagation in the tenant's pods needs a shared root mount. It ends with this pod.
  await run('mount', ['--make-rshared', '/']);
  if (!existsSync('/dev/kmsg')) await symlink('/dev/null', '/dev/kmsg');
  const refused = await setSysctls();
  if (refused.length > 0) log(`failed to apply these kernel settings: ${refused.join(', ')}`);
  await makePodsGroup(PODS_GROUP, order);
  const { containerdSocket, subnet } = pathsIn(machine.folders);
  for (const folder of nodeFolders(machine)) await mkdir(folder, { recursive: true });
  await run('rm', ['-f', containerdSocket, subnet]);
  const resolvConf = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  await writeFiles(nodeFiles(order, machine, resolvConf));
}
