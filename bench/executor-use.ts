import { EXECUTOR_COMPONENT, LABEL } from '#api/names.ts';
import type { Api } from './api.ts';
import { NAMESPACE } from './jobs.ts';

/** What an executor says in its log that it used: executor/use.ts. */
export type ExecutorUse = { seconds: number; toolSeconds: number; mebibytes: number };

export function parseUse(log: string): ExecutorUse | undefined {
  const found = /used ([\d.]+) s of CPU and at most (\d+) MiB; its tools ([\d.]+) s of CPU/.exec(log);
  if (!found) return undefined;
  return { seconds: Number(found[1]), mebibytes: Number(found[2]), toolSeconds: Number(found[3]) };
}

type Pods = { items: { metadata: { name: string }; spec: { initContainers?: { name: string }[] } }[] };

/** Of every container of the executors of one run, while their pods are still there. */
export async function executorUse(api: Api, cluster: string): Promise<ExecutorUse[]> {
  const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const selector = `${LABEL.component}=${EXECUTOR_COMPONENT},${LABEL.clusterName}=${cluster}`;
  const { items } = await api.send<Pods>('GET', `${path}?labelSelector=${encodeURIComponent(selector)}`);
  const logs = items.flatMap(({ metadata, spec }) =>
    ['executor', ...(spec.initContainers ?? []).map(({ name }) => name)].map((container) =>
      api.text('GET', `${path}/${metadata.name}/log?container=${container}&tailLines=4`),
    ),
  );
  return (await Promise.all(logs)).map(parseUse).filter((use) => use !== undefined);
}

export const sumOf = (uses: readonly ExecutorUse[]) => ({
  seconds: uses.reduce((sum, one) => sum + one.seconds, 0),
  toolSeconds: uses.reduce((sum, one) => sum + one.toolSeconds, 0),
});
