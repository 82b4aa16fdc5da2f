import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processesIn, removeCgroup } from './cgroups.ts';
import { run, tryRun } from './command.ts';
import { clearFirewall } from './firewall.ts';
import { removeDropIn, restartUnits, startUnits } from './host-units.ts';
import { CGROUP, layout, TENANT_SERVICES, tenantRoot, tenantUnit } from './layout.ts';
import { mountsBelow } from './mounts.ts';
import { removeTenantLinks } from './network.ts';
import { endProcesses, processesUsing } from './processes.ts';
import type { LeaveContext, Step } from './steps.ts';
import { tenantUnitPath } from './units.ts';

/** Folders that the containers of every containerd on the machine share. */
const SHIM_SOCKETS = '/run/containerd/s';
const CNI_RESULTS = '/var/lib/cni/results';
const LOG_LINKS = '/var/log/containers';

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
export const shimSockets = () => namesIn(SHIM_SOCKETS);

/** The steps back to the host, in order: they remove everything of the tenant and start the host's programs. */
export const leaveSteps: readonly Step<LeaveContext>[] = [
  {
    name: 'StopTenant',
    run: async () => {
      // The pods end before containerd, which cleans up after them.
      await tryRun(['systemctl', 'stop', tenantUnit('kubelet')]);
      await endProcesses(() => processesIn(CGROUP));
      for (const service of TENANT_SERVICES) await tryRun(['systemctl', 'stop', tenantUnit(service)]);
      await endProcesses(() => processesUsing(tenantRoot));
      return true;
    },
  },
  {
    name: 'Unmount',
    run: async () => {
      for (const point of mountsBelow(tenantRoot, await readFile('/proc/self/mountinfo', 'utf8'))) {
        await run(['umount', '--lazy', point]);
      }
      return true;
    },
  },
  {
    name: 'ClearNetwork',
    run: async ({ hostSockets }) => {
      await removeTenantLinks();
      // Without a tenant the rules are the host's, and some of them are not recreated for running pods.
      if (hostSockets) await clearFirewall();
      return true;
    },
  },
  {
    name: 'RemoveFiles',
    run: async ({ hostSockets }) => {
      for (const service of TENANT_SERVICES) await rm(tenantUnitPath(service), { force: true });
      if (hostSockets) await removeTraces(new Set(hostSockets));
      await removeCgroup(CGROUP);
      // systemd did not remove these control groups while shims were still in them.
      for (const service of TENANT_SERVICES) await removeCgroup(`/system.slice/${tenantUnit(service)}`);
      await rm(tenantRoot, { recursive: true, force: true });
      return true;
    },
  },
  {
    name: 'NoteCleaned',
    // Otherwise an agent that restarts later would remove what the host's pods use by then.
    run: async ({ noteCleaned }) => {
      await noteCleaned();
      return true;
    },
  },
  {
    name: 'StartHost',
    run: async ({ settings: { hostUnits } }) => {
      for (const unit of hostUnits) await removeDropIn(unit);
      await rm(layout.promoted, { force: true });
      await run(['systemctl', 'daemon-reload']);
      for (const service of TENANT_SERVICES) await tryRun(['systemctl', 'reset-failed', tenantUnit(service)]);
      // A kubelet whose Node was deleted registers a new one only when it starts.
      await restartUnits(hostUnits);
      return true;
    },
  },
  {
    name: 'AwaitHost',
    // A separate step, so that a retry restarts nothing that runs.
    run: async ({ settings: { hostUnits }, log }) => {
      await startUnits(hostUnits, log);
      return true;
    },
  },
];

/** Removes what the tenant's containers left in folders that they share with the host's. */
async function removeTraces(hostSockets: ReadonlySet<string>): Promise<void> {
  for (const name of await namesIn(SHIM_SOCKETS)) {
    if (!hostSockets.has(name)) await rm(join(SHIM_SOCKETS, name), { force: true });
  }
  for (const name of await namesIn(CNI_RESULTS)) {
    // One file for each network of a pod, loopback too. It names the network namespace.
    const text = await readFile(join(CNI_RESULTS, name), 'utf8').catch(() => '');
    if (text.includes(`${tenantRoot}/`)) await rm(join(CNI_RESULTS, name), { force: true });
  }
  for (const name of await namesIn(LOG_LINKS)) {
    const target = await readlink(join(LOG_LINKS, name)).catch(() => '');
    if (target.startsWith(`${tenantRoot}/`)) await rm(join(LOG_LINKS, name), { force: true });
  }
}
