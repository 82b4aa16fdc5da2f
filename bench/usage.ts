import { readdir, readFile } from 'node:fs/promises';
import { kubectl } from './cluster.ts';

const PARTS = [
  'kubelet',
  'containerd',
  'containerd-shim',
  'runc',
  'kube-apiserver',
  'etcd',
  'kube-controller',
  'kube-scheduler',
  'kube-proxy',
  'node',
  'helm',
];

/** CPU seconds so far of everything on this machine, by the name of the program; ended children count too. */
async function cpuSeconds(): Promise<Map<string, number>> {
  const total = new Map<string, number>();
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    const fields = rest.split(' ').map(Number);
    // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), in ticks of 10 ms.
    const seconds = ((fields[11] ?? 0) + (fields[12] ?? 0) + (fields[13] ?? 0) + (fields[14] ?? 0)) / 100;
    const part = PARTS.find((one) => name.startsWith(one)) ?? 'other';
    total.set(part, (total.get(part) ?? 0) + seconds);
  }
  return total;
}

/** CPU seconds that each part of the cluster used while `work` ran. */
export async function profile(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await cpuSeconds();
  await work();
  const after = await cpuSeconds();
  const used = [...after].map(([part, seconds]) => [part, seconds - (before.get(part) ?? 0)] as const);
  return Object.fromEntries(used.filter(([, seconds]) => seconds >= 0.05).sort((a, b) => b[1] - a[1]));
}

/** Resident MiB (VmRSS, so with the files that it maps) of the main process of every pod of pinion-system. */
export async function residentMebibytes(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const inSystem = ['-n', 'pinion-system'];
  for (const pod of (await kubectl(['get', 'pods', ...inSystem, '-o', 'name'])).split('\n')) {
    const status = await kubectl(['exec', ...inSystem, pod, '--', 'cat', '/proc/1/status']);
    found[pod] = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  }
  return found;
}
