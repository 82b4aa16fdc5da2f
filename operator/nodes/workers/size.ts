import { LEAST_WORKERS, sha256 } from '#api/contract/names.ts';
import { TerminalError } from '#api/errors.ts';
import { UsageError } from '#api/flags.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { quantityValue } from '#api/quantity.ts';

export type WorkerSize = { cpuMillis: number; memoryBytes: number };
export type WantedWorker = { name: string; size: WorkerSize };

const KNOWN = ['cpu', 'memory', LEAST_WORKERS];
const MIB = 2 ** 20;
/** A smaller node has no room for a pod. */
const LEAST = { cpuMillis: 100, memoryBytes: 64 * MIB };
const MOST_WORKERS = 1000;

/**
 * Parses a size like `8/32Gi`: CPUs and memory, the text of a flag.
 * @throws UsageError
 */
export function parseWorkerSize(text: string): WorkerSize {
  const [cpu = '', memory = '', ...more] = text.split('/');
  const size = { cpuMillis: quantityValue(cpu) * 1000, memoryBytes: quantityValue(memory) };
  if (more.length === 0 && size.cpuMillis >= LEAST.cpuMillis && size.memoryBytes >= LEAST.memoryBytes)
    return size;
  throw new UsageError(`"${text}" must be CPU/MEMORY, like 8/32Gi, and at least 100m/64Mi`);
}

/**
 * The worker pods that add up to what a cluster asks for. None is larger than `most`, and all have one size but for a
 * remainder. A name identifies a position and a size, so workers of another size have other names.
 * @throws TerminalError `InvalidResources`
 */
export function wantedWorkers({ metadata, spec }: VirtualCluster, most: WorkerSize): WantedWorker[] {
  const resources = spec.promoteResources?.resources ?? {};
  const unknown = Object.keys(resources).filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0)
    refuse(`${unknown.join(', ')}: worker pods provide ${KNOWN.join(', ')} only; remove it`);
  const read = (name: string) => {
    const value = quantityValue(resources[name] ?? 0);
    if (!(value >= 0)) refuse(`${name}: "${resources[name]}" is not a quantity of 0 or more`);
    return value;
  };
  const cpuMillis = Math.round(read('cpu') * 1000);
  const mebibytes = Math.floor(read('memory') / MIB);
  const least = Math.ceil(read(LEAST_WORKERS));
  if (cpuMillis === 0 && mebibytes === 0) return [];
  const count = Math.max(
    1,
    least,
    Math.ceil(cpuMillis / most.cpuMillis),
    Math.ceil((mebibytes * MIB) / most.memoryBytes),
  );
  if (count > MOST_WORKERS) refuse(`this amounts to ${count} worker pods; request at most ${MOST_WORKERS}`);
  if (cpuMillis / count < LEAST.cpuMillis || (mebibytes * MIB) / count < LEAST.memoryBytes) {
    refuse(`each of ${count} worker pods needs at least cpu 100m and memory 64Mi; set both, and high enough`);
  }
  return Array.from({ length: count }, (_, index) => {
    const size = {
      cpuMillis: share(cpuMillis, count, index),
      memoryBytes: share(mebibytes, count, index) * MIB,
    };
    return { name: workerName(metadata, size, index), size };
  });
}

/** The part at `index` when the total is split into whole parts. */
const share = (total: number, count: number, index: number) =>
  Math.floor((total * (index + 1)) / count) - Math.floor((total * index) / count);

function workerName({ name, uid }: VirtualCluster['metadata'], size: WorkerSize, index: number): string {
  const hash = sha256([uid, size.cpuMillis, size.memoryBytes, index].join('\n')).slice(0, 6);
  return `${name.slice(0, 40).replaceAll('.', '-').replace(/-+$/, '')}-worker-${hash}`;
}

function refuse(what: string): never {
  throw new TerminalError('InvalidResources', `spec.promoteResources.resources: ${what}`);
}
