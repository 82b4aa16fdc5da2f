import { setTimeout as delay } from 'node:timers/promises';
import { EXECUTOR_CONTAINER } from '#api/contract/job.ts';
import { EXECUTOR_COMPONENT, LABEL } from '#api/contract/names.ts';
import type { Api } from './api.ts';
import type { Ran } from './jobs.ts';
import { NAMESPACE } from './names.ts';

/** CPU seconds and peak memory that an executor writes into its log: executor/use.ts. */
export type ExecutorUse = { seconds: number; toolSeconds: number; mebibytes: number };

/** What an executor used, from the last lines of its log; undefined when they don't say it. */
export function parseUse(log: string): ExecutorUse | undefined {
  const match = /used ([\d.]+) s of CPU and at most (\d+) MiB; its tools ([\d.]+) s of CPU/.exec(log);
  if (!match) return undefined;
  return { seconds: Number(match[1]), mebibytes: Number(match[2]), toolSeconds: Number(match[3]) };
}

type Pods = { items: { metadata: { name: string }; spec: { initContainers?: { name: string }[] } }[] };

const selectorOf = (cluster: string) =>
  encodeURIComponent(`${LABEL.component}=${EXECUTOR_COMPONENT},${LABEL.clusterName}=${cluster}`);

const KEPT_LIMIT_MS = 30_000;
const KEPT_POLL_MS = 1_000;

/** Waits until the operator has kept `count` logs, some seconds after their attempts: they belong to what a run costs. */
export async function untilKept(api: Api, cluster: string, count: number): Promise<void> {
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps?labelSelector=${selectorOf(cluster)}`;
  for (const began = Date.now(); Date.now() - began < KEPT_LIMIT_MS; await delay(KEPT_POLL_MS)) {
    if ((await api.send<{ items: unknown[] }>('GET', path)).items.length >= count) return;
  }
}

/** The logs of every container of the executors of one run, while their pods are still there. */
async function executorLogs(api: Api, cluster: string, query: string) {
  const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const { items } = await api.send<Pods>('GET', `${path}?labelSelector=${selectorOf(cluster)}`);
  return Promise.all(
    items.flatMap(({ metadata, spec }) =>
      [...(spec.initContainers ?? []).map(({ name }) => name), EXECUTOR_CONTAINER].map((container) =>
        api.text('GET', `${path}/${metadata.name}/log?container=${container}&${query}`),
      ),
    ),
  );
}

/** What every container of the executors of one run used. */
export async function executorUse(api: Api, cluster: string): Promise<ExecutorUse[]> {
  const logs = await executorLogs(api, cluster, 'tailLines=4');
  return logs.map(parseUse).filter((use) => use !== undefined);
}

/** Seconds of each step of a run with one plugin, by the times of its executor's log lines. */
export async function stepsOf(api: Api, { cluster, began, ended }: Ran): Promise<Record<string, number>> {
  const steps: Record<string, number> = {};
  let last = began;
  const until = (what: string, at: number) => {
    steps[what] = (at - last) / 1000;
    last = at;
  };
  for (const log of await executorLogs(api, cluster, 'timestamps=true')) {
    const lines = log.trimEnd().split('\n');
    const step = / ==> (\w+):/.exec(lines[0] ?? '')?.[1] ?? 'executor';
    const [first = Number.NaN, end = Number.NaN] = [lines[0], lines.at(-1)].map((line) =>
      Date.parse(line?.split(' ')[0] ?? ''),
    );
    until(`until ${step} begins`, first);
    until(`${step} works`, end);
  }
  until('until the end of the pod is seen and the status written', ended);
  return steps;
}

/** CPU seconds of all executors together. */
export const sumOf = (uses: readonly ExecutorUse[]) => ({
  seconds: uses.reduce((sum, use) => sum + use.seconds, 0),
  toolSeconds: uses.reduce((sum, use) => sum + use.toolSeconds, 0),
});
