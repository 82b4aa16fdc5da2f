import { existsSync, realpathSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isUnified } from '#local/cgroups.ts';
import { layout } from '#local/layout.ts';
import { machineNames, namesFor } from '#local/names.ts';

/** Clone whose cluster is measured: `.local` may be a link into another one. */
const owner = dirname(existsSync(layout.root) ? realpathSync(layout.root) : layout.root);
const { cgroup } = namesFor(owner);
const folderOf = (controller: 'cpuacct' | 'memory', ...path: string[]) =>
  join('/sys/fs/cgroup', isUnified() ? '' : controller, cgroup, ...path);

/** Programs of a node and of the host's control plane, by the kernel's 15 characters of their names. */
const SERVICES: Record<string, string> = {
  kubelet: 'kubelet',
  containerd: 'containerd and its shims',
  'containerd-shim': 'containerd and its shims',
  'kube-apiserver': 'API server',
  etcd: 'etcd',
  'kube-controller': 'controller manager',
  'kube-scheduler': 'scheduler',
  'kube-proxy': 'kube-proxy',
};

/** CPU seconds so far: of all machines, of each service, of all pods that ever ran, and of each pod that exists. */
export type CpuTimes = {
  total: number;
  services: Map<string, number>;
  allPods: number;
  pods: Map<string, number>;
};

/** Reads the CPU times of the local cluster's machines. */
export async function readCpuTimes(): Promise<CpuTimes> {
  const times: CpuTimes = { total: 0, services: await serviceSeconds(), allPods: 0, pods: new Map() };
  for (const machine of machineNames) {
    times.total += await cpuSeconds(folderOf('cpuacct', machine));
    times.allPods += await cpuSeconds(folderOf('cpuacct', machine, 'kubepods'));
  }
  for (const [uid, folder] of await podFolders('cpuacct')) times.pods.set(uid, await cpuSeconds(folder));
  return times;
}

/** Control groups of the pods, by uid, in the hierarchy of one controller. */
export async function podFolders(controller: 'cpuacct' | 'memory'): Promise<Map<string, string>> {
  const folders = new Map<string, string>();
  for (const machine of machineNames) {
    for (const quality of ['', 'burstable', 'besteffort']) {
      const parent = folderOf(controller, machine, 'kubepods', quality);
      for (const name of await readdir(parent).catch(() => [])) {
        if (name.startsWith('pod')) folders.set(name.slice(3), join(parent, name));
      }
    }
  }
  return folders;
}

async function cpuSeconds(folder: string): Promise<number> {
  const text = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '');
  return isUnified()
    ? Number(/^usage_usec (\d+)$/m.exec(await text('cpu.stat'))?.[1] ?? 0) / 1e6
    : Number(await text('cpuacct.usage')) / 1e9;
}

/** CPU seconds by service. Services live longer than a measurement, so no time of an ended process is missed. */
async function serviceSeconds(): Promise<Map<string, number>> {
  const seconds = new Map<string, number>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    const service = SERVICES[name];
    if (service === undefined || !(await isOfMachine(pid))) continue;
    // utime and stime: fields 14 and 15 of proc(5), in ticks of 10 ms.
    const [user = 0, system = 0] = rest.split(' ').slice(11, 13).map(Number);
    seconds.set(service, (seconds.get(service) ?? 0) + (user + system) / 100);
  }
  return seconds;
}

/** Whether a process belongs to a machine of the cluster and to no pod: worker pods run a kubelet, too. */
async function isOfMachine(pid: string): Promise<boolean> {
  const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  return groups.includes(`/${cgroup}/`) && !groups.includes('kubepods');
}

/** Proportional MiB of every process in a pod: pages that several share are counted once in all. */
export async function podMebibytes(folder: string): Promise<number> {
  let kibibytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (entry.name !== 'cgroup.procs') continue;
    const pids = await readFile(join(entry.parentPath, entry.name), 'utf8').catch(() => '');
    for (const pid of pids.split('\n').filter(Boolean)) {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
      kibibytes += Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
    }
  }
  return kibibytes / 1024;
}

/** MiB of memory that are available on this machine. */
export async function availableMebibytes(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
}
