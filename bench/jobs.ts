import { aPlugin, aVirtualCluster } from '#test/builders.ts';
import type { Api, Resource } from './api.ts';

export const NAMESPACE = 'pinion-bench';
const jobs = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const kosmos = `/apis/kosmos.io/v1alpha1/namespaces/${NAMESPACE}`;

const complete = ({ status }: Resource) =>
  ((status?.['conditions'] ?? []) as { type: string; status: string }[]).some(
    (one) => one.type === 'Complete' && one.status === 'True',
  );

/** `count` Jobs that run `true`: seconds from the first creation to the last Complete. */
export async function emptyJobs(api: Api, image: string, count: number, run: string): Promise<number> {
  const label = `bench-run=${run}`;
  const job = (i: number) => ({
    metadata: { name: `empty-${run}-${i}`, labels: { 'bench-run': run } },
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'empty', image, command: ['true'], imagePullPolicy: 'IfNotPresent' }],
        },
      },
    },
  });
  const began = performance.now();
  const done = api.untilDone(`${jobs}?labelSelector=${encodeURIComponent(label)}`, count, complete, 180);
  await Promise.all(Array.from({ length: count }, (_, i) => api.send('POST', jobs, job(i))));
  const ended = await done;
  await api.text('DELETE', `${jobs}?labelSelector=${encodeURIComponent(label)}&propagationPolicy=Background`);
  return (ended - began) / 1000;
}

/** A run: its VirtualCluster, and when that was created and Completed, in milliseconds since 1970. */
export type Ran = { cluster: string; began: number; ended: number };

/**
 * One VirtualCluster over `specs`: seconds from its creation to the phase Completed. `look` may look at the Jobs
 * before they are deleted.
 */
export async function equip(
  api: Api,
  specs: object[],
  run: string,
  look: (ran: Ran) => Promise<void> = async () => undefined,
): Promise<number> {
  const names = specs.map((_, i) => `bench-${run}-${i}`);
  await Promise.all(
    specs.map((spec, i) =>
      api.send('POST', `${kosmos}/virtualclusterplugins`, aPlugin(NAMESPACE, names[i] ?? '', spec)),
    ),
  );
  const cluster = aVirtualCluster(NAMESPACE, `bench-${run}`, names);
  const began = performance.now();
  const done = api.untilDone(
    `${kosmos}/virtualclusters?fieldSelector=metadata.name%3Dbench-${run}`,
    1,
    ({ status }) => status?.['phase'] === 'Completed',
    300,
  );
  await api.send('POST', `${kosmos}/virtualclusters`, cluster);
  const ended = await done;
  const { timeOrigin } = performance;
  await look({ cluster: `bench-${run}`, began: timeOrigin + began, ended: timeOrigin + ended });
  await api.text('DELETE', `${kosmos}/virtualclusters/bench-${run}`);
  for (const name of names) await api.text('DELETE', `${kosmos}/virtualclusterplugins/${name}`);
  return (ended - began) / 1000;
}
