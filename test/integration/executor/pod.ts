import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { parseTerminationMessage, type Report } from '#api/contract/report.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

/** The directories of an executor pod, in a temporary directory, and its program as a process. */
export type Pod = {
  directory: string;
  /** Writes files of a source; keys are paths, like `yaml/a.yaml`. */
  sources: (files: Record<string, string | Buffer>) => Promise<void>;
  order: (
    order: Partial<WorkOrder> & Pick<WorkOrder, 'install'>,
    values?: Record<string, string>,
  ) => Promise<void>;
  /** What the program has printed so far. */
  log: () => string;
  start: (command: 'run' | 'fetch', env?: Record<string, string>) => Running;
};

type Ended = { code: number | null; log: string; report: Report | undefined; message: string };
type Running = { pid: number; kill: (signal: NodeJS.Signals) => void; ended: Promise<Ended> };

export async function createPod(kubeconfig: string = inject('kubeconfig')): Promise<Pod> {
  const directory = await mkdtemp(join(tmpdir(), 'pinion-pod-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const name of ['order', 'memory', 'sources', 'scratch', 'credentials']) {
    await mkdir(join(directory, name));
  }
  await writeFile(join(directory, 'order/kubeconfig'), await readFile(kubeconfig));
  const write = async (path: string, content: string | Buffer) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  };
  let log = '';
  return {
    directory,
    log: () => log,
    async sources(files) {
      for (const [path, content] of Object.entries(files))
        await write(join(directory, 'sources', path), content);
    },
    async order(order, values = {}) {
      const whole: WorkOrder = { ...DEFAULTS, ...order };
      await write(join(directory, 'order/order.json'), JSON.stringify(whole));
      for (const [key, content] of Object.entries(values))
        await write(join(directory, 'order', key), content);
    },
    start(command, env = {}) {
      const child = spawn(process.execPath, [join(REPOSITORY, 'executor/main.ts'), command], {
        env: {
          PATH: `${REPOSITORY}/.local/bin:/usr/bin:/bin`,
          PINION_DIRECTORY: directory,
          PINION_TERMINATION_LOG: join(directory, 'termination-log'),
          PINION_POD: `pod-${Math.random().toString(36).slice(2, 8)}`,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      log = '';
      child.stdout.on('data', (chunk) => (log += chunk));
      child.stderr.on('data', (chunk) => (log += chunk));
      const ended = new Promise<Ended>((done) => {
        child.on('close', async (code) => {
          const message = await readFile(join(directory, 'termination-log'), 'utf8').catch(() => '');
          done({ code, log, message, report: parseTerminationMessage(message)?.report });
        });
      });
      return { pid: child.pid ?? 0, kill: (signal) => child.kill(signal), ended };
    },
  };
}

const DEFAULTS: Omit<WorkOrder, 'install'> = {
  version: 1,
  action: 'install',
  cluster: { namespace: 'team', name: 'blue', uid: 'c1' },
  plugin: { namespace: 'team', name: 'web', uid: 'p1', generation: 1 },
  digest: 'digest-1',
  targetNamespace: 'default',
  timeoutMs: 180_000,
  options: {},
};

export const aConfigMapOf = (name: string, data: Record<string, string> = {}) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

/** The plugin of an order. */
export const aPluginOfTeam = (name: string): WorkOrder['plugin'] => ({
  namespace: 'team',
  name,
  uid: name,
  generation: 1,
});

/** An object of the target, as far as it says whose it is and what is in it. */
export type Meta = {
  metadata: {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    managedFields?: { manager: string; operation: string }[];
  };
  data?: Record<string, string>;
};
