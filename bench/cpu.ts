import { EXECUTOR_COMPONENT, LABEL } from '#api/contract/names.ts';
import { type CpuTimes, readCpuTimes } from './cgroups.ts';
import { kubectl } from './cluster.ts';
import { type ExecutorUse, sumOf } from './executor-logs.ts';
import { shareTable } from './figures.ts';

/** CPU seconds by part. */
export type Parts = Record<string, number>;

type Pod = { metadata: { uid: string; namespace: string; labels?: Record<string, string> } };

/** What each part of the cluster used while `work` ran; `work` gives what its executors say of themselves. */
export async function cpuByPart(work: () => Promise<readonly ExecutorUse[]>): Promise<Parts> {
  const before = await readCpuTimes();
  const executors = await work();
  const after = await readCpuTimes();
  const { items } = JSON.parse(await kubectl(['get', 'pods', '-A', '-o', 'json'])) as { items: Pod[] };
  return partsOf(before, after, new Map(items.map((pod) => [pod.metadata.uid, partOfPod(pod)])), executors);
}

const EXECUTORS = 'executors';

function partOfPod({ metadata: { namespace, labels = {} } }: Pod): string {
  const component = labels[LABEL.component] ?? '';
  if (component === EXECUTOR_COMPONENT) return EXECUTORS;
  if (namespace === 'pinion-system') return component;
  return namespace === 'kube-system' ? 'cluster add-ons' : 'pods of the plugins';
}

/**
 * Splits the difference. What pods used that are gone was the executors': a removed pod's time stays in the sum
 * of all pods. What is neither a pod's nor a service's was runc's, systemd's and short commands'.
 */
export function partsOf(
  before: CpuTimes,
  after: CpuTimes,
  partOf: ReadonlyMap<string, string>,
  executors: readonly ExecutorUse[],
): Parts {
  const parts: Parts = {};
  const add = (part: string, seconds: number) => {
    parts[part] = (parts[part] ?? 0) + seconds;
  };
  let ofOthers = 0;
  for (const [uid, seconds] of after.pods) {
    const part = partOf.get(uid) ?? EXECUTORS;
    if (part === EXECUTORS) continue;
    const used = seconds - (before.pods.get(uid) ?? 0);
    add(part, used);
    ofOthers += used;
  }
  let ofServices = 0;
  for (const [service, seconds] of after.services) {
    const used = seconds - (before.services.get(service) ?? 0);
    add(service, used);
    ofServices += used;
  }
  const allPods = after.allPods - before.allPods;
  const { seconds, toolSeconds } = sumOf(executors);
  add("executors: Pinion's program (node)", seconds);
  add('executors: helm', toolSeconds);
  add('executors: start of their containers', allPods - ofOthers - seconds - toolSeconds);
  add('runc, shims that ended, systemd', after.total - before.total - allPods - ofServices);
  return parts;
}

/** The parts as a table, the largest first. */
export const partsTable = (parts: Parts): string =>
  shareTable(
    'part (CPU)',
    Object.entries(parts)
      .filter(([, seconds]) => seconds >= 0.05)
      .sort(([, a], [, b]) => b - a),
  );
