import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { nodeFiles, nodeFolders, writeFiles } from '../bring-up/files.ts';
import { type Files, type Machine, pathsIn } from '../bring-up/machine.ts';
import { podNetworkFiles } from '../bring-up/network.ts';
import { services } from '../bring-up/services.ts';
import { setSysctls, totalOfMachine } from '../bring-up/system.ts';
import { makeCgroup, processesIn } from './cgroups.ts';
import { run, tryRun } from './command.ts';
import { clearFirewall } from './firewall.ts';
import { stopUnits } from './host-units.ts';
import { CGROUP, layout, podLogs, tenantFolders, tenantRoot, tenantUnit } from './layout.ts';
import { secretMounts } from './mounts.ts';
import { endProcesses } from './processes.ts';
import { writeWhole } from './state.ts';
import type { JoinContext, Settings, Step } from './steps.ts';
import { dropInPath, hostUnitDropIn, tenantUnitPath, tenantUnitText } from './units.ts';

const paths = pathsIn(tenantFolders);
/** The kubelet's control groups for pods, by cgroup driver. */
const HOST_PODS = ['/kubepods', '/kubepods.slice'];

const machineOf = ({ programs, cniPrograms, address }: Settings): Machine => ({
  folders: tenantFolders,
  programs,
  cniPrograms,
  nodeIp: address,
  cgroupRoot: CGROUP,
  total: totalOfMachine(),
});

/** The steps into a tenant, in order. */
export const joinSteps: readonly Step<JoinContext>[] = [
  {
    name: 'StopHost',
    run: async ({ settings: { hostUnits } }) => {
      await writeWhole(layout.promoted, '');
      for (const unit of hostUnits) await writeWhole(dropInPath(unit), hostUnitDropIn);
      await run(['systemctl', 'daemon-reload']);
      await stopUnits(hostUnits);
      return true;
    },
  },
  {
    name: 'EndHostPods',
    // Folders and addresses of the pods stay: the host's kubelet removes them once it runs again.
    run: async () => {
      await endProcesses(async () => (await Promise.all(HOST_PODS.map(processesIn))).flat());
      return true;
    },
  },
  {
    name: 'UnmountSecrets',
    // Secrets are in memory only, so after this the tenant can't read those of the host's pods.
    run: async () => {
      const mounted = secretMounts(await readFile('/proc/self/mountinfo', 'utf8'));
      for (const point of mounted)
        if (!point.startsWith(`${tenantRoot}/`)) await run(['umount', '--lazy', point]);
      return true;
    },
  },
  {
    name: 'ClearFirewall',
    run: async () => {
      // Once the tenant's programs run, the rules belong to them.
      if (!existsSync(tenantUnitPath('kube-proxy'))) await clearFirewall();
      return true;
    },
  },
  {
    name: 'WriteFiles',
    run: async ({ settings, order }) => {
      const machine = machineOf(settings);
      await forgetEarlierBoot();
      for (const folder of [...nodeFolders(machine), podLogs]) await mkdir(folder, { recursive: true });
      const resolvConf = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
      await writeFiles(confined(nodeFiles(order, machine, resolvConf)));
      for (const service of services(order, machine)) {
        await writeWhole(tenantUnitPath(service.name), tenantUnitText(service, settings.programs));
      }
      await run(['systemctl', 'daemon-reload']);
      return true;
    },
  },
  {
    name: 'StartTenant',
    run: async ({ settings, order }) => {
      await setSysctls();
      await makeCgroup(CGROUP);
      const units = services(order, machineOf(settings)).map(({ name }) => tenantUnit(name));
      await run(['systemctl', 'start', '--no-block', ...units]);
      return true;
    },
  },
  {
    name: 'PodNetwork',
    run: async ({ settings }) => {
      const subnet = await readFile(paths.subnet, 'utf8').catch(() => undefined);
      if (subnet === undefined) return false;
      await writeFiles(podNetworkFiles(subnet, machineOf(settings)));
      return true;
    },
  },
];

/** Removes sockets and containers from before a reboot: containerd would look for their processes. */
async function forgetEarlierBoot(): Promise<void> {
  const isRunning = (await tryRun(['systemctl', 'is-active', '--quiet', tenantUnit('containerd')])).ok;
  if (isRunning || (await processesIn(CGROUP)).length > 0) return;
  await rm(tenantFolders.run, { recursive: true, force: true });
}

/** Adds settings that keep the tenant's files below its own root, which is removed when the machine leaves. */
function confined(files: Files): Files {
  const { [paths.kubeletConfig]: kubelet, [paths.containerdConfig]: containerd } = files;
  if (!kubelet || !containerd) throw new Error('bring-up returned no settings for kubelet or containerd');
  const section = '[plugins."io.containerd.grpc.v1.cri"]\n';
  return {
    ...files,
    [paths.kubeletConfig]: {
      ...kubelet,
      text: JSON.stringify({ ...JSON.parse(kubelet.text), podLogsDir: podLogs }, null, 2),
    },
    [paths.containerdConfig]: {
      ...containerd,
      text: containerd.text.replace(section, `${section}  netns_mounts_under_state_dir = true\n`),
    },
  };
}
