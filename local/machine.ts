import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { destroyCgroups, isUnified, makeCgroups, processesIn } from './cgroups.ts';
import { clone, layout, machineLayout } from './layout.ts';
import { type MachineName, namespaceOf } from './names.ts';
import { plugMachine, unplugMachine } from './network.ts';
import type { Cluster } from './state.ts';
import { binFolder } from './units.ts';

/** Boots a machine whose files are written; returns when its init has been started, not when it is ready. */
export async function startMachine(cluster: Cluster, machine: MachineName): Promise<void> {
  await plugMachine(cluster, machine);
  const cgroups = await makeCgroups(cluster.names.cgroup, machine);
  const { upper, work, merged, binds, console } = machineLayout(machine);
  await mkdir(layout.logs, { recursive: true });
  const output = await open(console, 'w');
  const argv = [
    '--quiet',
    '--boot',
    '--register=no',
    '--keep-unit',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--console=read-only',
    '--capability=all',
    '--system-call-filter=@keyring bpf',
    `--directory=${merged}`,
    `--machine=${namespaceOf(cluster.names, machine)}`,
    `--hostname=${machine}`,
    `--network-namespace-path=/run/netns/${namespaceOf(cluster.names, machine)}`,
    `--bind-ro=${layout.bin}:${binFolder}`,
    ...Object.entries(binds).map(([from, to]) => `--bind=${from}:${to}`),
  ];
  const child = spawn(join(clone, 'local', 'boot-machine.sh'), argv, {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: {
      PATH: process.env['PATH'],
      CGROUPS: cgroups.join(' '),
      LOWER: layout.machineRoot,
      UPPER: upper,
      WORK: work,
      MERGED: merged,
      SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: isUnified() ? '1' : '0',
    },
  });
  child.unref();
  await output.close();
}

/** Stops a machine as a power cut does, and takes it off the network. Its disk stays. */
export async function stopMachine(cluster: Cluster, machine: MachineName): Promise<void> {
  await destroyCgroups(cluster.names.cgroup, machine);
  await unplugMachine(cluster, machine);
}

/** The host's pid of the machine's init, or undefined if it doesn't run. */
export async function initOf(cluster: Cluster, machine: MachineName): Promise<number | undefined> {
  for (const pid of await processesIn(cluster.names.cgroup, machine)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (/^NSpid:\s+\d+\s+1$/m.test(status) && /^Name:\s+systemd$/m.test(status)) return pid;
  }
  return undefined;
}
