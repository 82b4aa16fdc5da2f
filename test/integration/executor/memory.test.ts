import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { createPod, type Pod } from './pod.ts';

const MIB = 2 ** 20;
/** Of the executor's container. */
const CONTAINER = 1024;
/** Of V8's heap in a container of that size. */
const HEAP = { NODE_OPTIONS: '--max-old-space-size=512' };

const status = (pid: number, field: string) =>
  readFile(`/proc/${pid}/status`, 'utf8').then(
    (text) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0),
    () => 0,
  );

/** Runs the executor. `peak` is the most that it and its tools had at a time, in MiB. */
async function measure(pod: Pod) {
  const running = pod.start('run', HEAP);
  let peak = 0;
  let isOver = false;
  const ended = running.ended.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const children = await readFile(`/proc/${running.pid}/task/${running.pid}/children`, 'utf8').catch(
      () => '',
    );
    const pids = [running.pid, ...children.trim().split(' ').filter(Boolean).map(Number)];
    const sizes = await Promise.all(pids.map((pid) => status(pid, 'VmRSS')));
    peak = Math.max(peak, sizes.reduce((sum, size) => sum + size) / 1024);
    await delay(20);
  }
  return { ...(await ended), peak: Math.round(peak) };
}

/** Manifests of so many bytes in 300 objects. */
function maps(bytes: number): string[] {
  const line = `value ${'abcdefghij'.repeat(4)}\n`;
  return Array.from({ length: 300 }, (_, map) => {
    const head = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m${map}\ndata:\n`;
    const room = Math.floor((bytes / 300 - head.length) / (line.length + 14));
    return (
      head + Array.from({ length: room }, (_, key) => `  k-${String(key).padStart(8, '0')}: ${line}`).join('')
    );
  });
}

const chart: WorkOrder['install'] = {
  kind: 'chart',
  chart: { slot: 'chart', path: '' },
  releaseName: 'large',
  valuesFiles: [],
  wait: false,
};
const yaml: WorkOrder['install'] = { kind: 'yaml', source: { slot: 'yaml', path: '' } };
const kustomize: WorkOrder['install'] = { kind: 'kustomize', source: { slot: 'kustomize', path: '' } };

const chartOf = (bytes: number) => ({
  'chart/Chart.yaml': 'apiVersion: v2\nname: large\nversion: 1.0.0\n',
  'chart/templates/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\n',
  // Helm takes at most 5 MiB of a file.
  ...Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `chart/files/${i}`,
      Buffer.alloc(bytes / 20, `${i} a line, repeated\n`),
    ]),
  ),
});
const filesOf = (bytes: number) => {
  const objects = maps(bytes);
  const files = Array.from({ length: 10 }, (_, i) => [
    `kustomize/${i}.yaml`,
    objects.slice(i * 30, i * 30 + 30),
  ]);
  const texts = files.map(([name, parts]) => [name, (parts as string[]).join('---\n')]);
  const resources = texts.map(([name]) => (name as string).replace('kustomize/', '')).join(', ');
  return { ...Object.fromEntries(texts), 'kustomize/kustomization.yaml': `resources: [${resources}]` };
};

test.for<[string, WorkOrder['install'], (share: number) => Record<string, string | Buffer>, RegExp]>([
  [
    'a chart of 100 MiB',
    chart,
    (share) => chartOf(share * 99 * MIB),
    /has 10\d(\.\d)? MiB, and at most 100 MiB/,
  ],
  [
    'a manifest of 5 MiB',
    yaml,
    (share) => ({ 'yaml/a.yaml': maps(share * 5 * MIB).join('---\n') }),
    /a\.yaml has 5\.\d MiB; at most 5 MiB are accepted/,
  ],
  [
    'manifests of 32 MiB in a directory',
    yaml,
    (share) => Object.fromEntries(maps(share * 32 * MIB).map((text, i) => [`yaml/${i}.yaml`, text])),
    /has 3[34](?:\.\d)? MiB in 300 files, and at most 32 MiB are accepted/,
  ],
  [
    'a kustomization that makes 32 MiB',
    kustomize,
    (share) => filesOf(share * 32 * MIB),
    /makes over 32 MiB of manifests, and at most 32 MiB are accepted/,
  ],
])(
  '%s fits into the memory just below its limit and is refused just above',
  { timeout: 600_000 },
  async (row, { annotate }) => {
    const [what, install, files, message] = row;
    for (const share of [0.95, 1.06]) {
      const pod = await createPod();
      for (const [path, content] of Object.entries(files(share))) {
        const file = join(pod.directory, 'sources', path);
        await mkdir(join(file, '..'), { recursive: true });
        await writeFile(file, content);
      }
      await pod.order({
        targetNamespace: `memory-${install.kind}-${files.length}`,
        install,
        timeoutMs: 400_000,
      });
      const { report, log, peak } = await measure(pod);
      await annotate(`${what} at ${Math.round(share * 100)} %: ${peak} MiB`);
      expect(peak).toBeLessThan(CONTAINER);
      if (share < 1) expect(report?.reason, log.slice(-2000)).toBe('Succeeded');
      else
        expect(report, log.slice(-2000)).toMatchObject({
          reason: 'SourceInvalid',
          message: expect.stringMatching(message),
        });
    }
  },
);
