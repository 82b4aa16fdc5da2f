import { EXECUTOR_COMPONENT, LABEL } from '#api/contract/names.ts';
import type { CpuTimes } from './cgroups.ts';
import { kubectl } from './cluster.ts';
import { type ExecutorUse, sumOf } from './executor-logs.ts';
import { markdownTable } from './figures.ts';
import { NAMESPACE } from './names.ts';

/** CPU seconds by part. */
export type Parts = Record<string, number>;

type Pod = { metadata: { uid: string; namespace: string; labels?: Record<string, string> } };

/** Which part each pod of the cluster is counted in, by its uid. */
export async function partOfPods(): Promise<Map<string, string>> {
  const { items } = JSON.parse(await kubectl(['get', 'pods', '-A', '-o', 'json'])) as { items: Pod[] };
  return new Map(items.map((pod) => [pod.metadata.uid, partOfPod(pod)]));
}

const JOBS = 'pods of the Jobs';
/** Pods that an install does not concern: part of all pods, not of the result. */
const OTHERS = 'other pods';

function partOfPod({ metadata: { namespace, labels = {} } }: Pod): string {
  const component = labels[LABEL.component] ?? '';
  if (component === EXECUTOR_COMPONENT || labels['bench-run'] !== undefined) return JOBS;
  if (namespace === 'pinion-system') return component;
  if (namespace === 'kube-system') return 'cluster add-ons';
  return namespace === NAMESPACE ? 'pods of the plugins' : OTHERS;
}

/**
 * Splits what was used between two readings. What pods used that are gone was that of Jobs, executors or empty ones:
 * a removed pod's time stays in the sum of all pods. What is neither a pod's nor a service's was used by runc, systemd and
 * short commands.
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
  let otherPods = 0;
  for (const [uid, seconds] of after.pods) {
    const part = partOf.get(uid) ?? JOBS;
    if (part === JOBS) continue;
    const used = seconds - (before.pods.get(uid) ?? 0);
    if (part !== OTHERS) add(part, used);
    otherPods += used;
  }
  let services = 0;
  for (const [service, seconds] of after.services) {
    const used = seconds - (before.services.get(service) ?? 0);
    add(service, used);
    services += used;
  }
  const allPods = after.allPods - before.allPods;
  const { seconds, toolSeconds } = sumOf(executors);
  if (executors.length > 0) {
    add("executor: Pinion's program (node)", seconds);
    add('executor: helm', toolSeconds);
  }
  add('start of the containers of Jobs', allPods - otherPods - seconds - toolSeconds);
  add('runc, shims that ended, systemd', after.total - before.total - allPods - services);
  return parts;
}

/** CPU milliseconds by part, of an install beside an empty Job; what Pinion adds most comes first. */
export function partsTable(install: Parts, job: Parts): string {
  const total = (parts: Parts) => Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
  const milliseconds = (seconds: number) => (seconds < 0.0005 ? '' : (seconds * 1000).toFixed(0));
  const row = (part: string, ofInstall: number, ofJob: number) => [
    part,
    milliseconds(ofInstall),
    milliseconds(ofJob),
    milliseconds(ofInstall - ofJob),
  ];
  const names = [...new Set([...Object.keys(install), ...Object.keys(job)])];
  const rows = names
    .map((name) => [name, install[name] ?? 0, job[name] ?? 0] as const)
    .filter(([, ofInstall, ofJob]) => Math.max(ofInstall, ofJob) >= 0.002)
    .sort(([, a, aJob], [, b, bJob]) => b - bJob - (a - aJob));
  return markdownTable(
    ['CPU of', 'an install, ms', 'an empty Job, ms', 'added, ms'],
    [...rows, ['all', total(install), total(job)] as const].map((cells) => row(...cells)),
  );
}
