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

type Summary = {
  pods: {
    podRef: { name: string; namespace: string };
    containers?: { name: string; memory?: { rssBytes?: number } }[];
  }[];
};

/** Resident MiB of every container of pinion-system, by pod. */
export async function residentMebibytes(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const node of (await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(
    ' ',
  )) {
    const summary = JSON.parse(
      await kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`]),
    ) as Summary;
    for (const { podRef, containers = [] } of summary.pods) {
      if (podRef.namespace !== 'pinion-system') continue;
      for (const { memory } of containers) found[podRef.name] = (memory?.rssBytes ?? 0) / 2 ** 20;
    }
  }
  return found;
}
