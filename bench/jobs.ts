import { setTimeout as delay } from 'node:timers/promises';
import { aPlugin, aVirtualCluster } from '#test/builders/manifests.ts';
import type { Api, Resource } from './api.ts';
import { NAMESPACE } from './names.ts';

const jobs = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const kosmos = `/apis/kosmos.io/v1alpha1/namespaces/${NAMESPACE}`;

/** A run: its name, and when it began and ended, in milliseconds since 1970. */
export type Ran = { cluster: string; began: number; ended: number };
/** Sees a run before its Jobs are deleted. */
export type Look = (ran: Ran) => Promise<void>;

const isComplete = ({ status }: Resource) =>
  ((status?.['conditions'] ?? []) as { type: string; status: string }[]).some(
    (condition) => condition.type === 'Complete' && condition.status === 'True',
  );

const emptyJob = (image: string, run: string, i: number) => ({
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

/** Creates `count` Jobs that run `true`, waits until the last has its Complete condition, and deletes them. */
export async function emptyJobs(
  api: Api,
  image: string,
  count: number,
  run: string,
  look: Look,
): Promise<void> {
  const selector = `labelSelector=${encodeURIComponent(`bench-run=${run}`)}`;
  const began = performance.now();
  const done = api.untilDone(`${jobs}?${selector}`, count, isComplete, 600);
  await Promise.all(Array.from({ length: count }, (_, i) => api.send('POST', jobs, emptyJob(image, run, i))));
  await look(ranFrom('', began, await done));
  await api.text('DELETE', `${jobs}?${selector}&propagationPolicy=Background`);
}

/** Creates one VirtualCluster over the plugins, waits until its phase is Completed, and deletes all. */
export async function equip(api: Api, plugins: object[], run: string, look: Look): Promise<void> {
  const names = plugins.map((_, i) => `bench-${run}-${i}`);
  await Promise.all(
    plugins.map((spec, i) =>
      api.send('POST', `${kosmos}/virtualclusterplugins`, aPlugin(NAMESPACE, names[i] ?? '', spec)),
    ),
  );
  const cluster = `bench-${run}`;
  const began = performance.now();
  const done = api.untilDone(
    `${kosmos}/virtualclusters?fieldSelector=metadata.name%3D${cluster}`,
    1,
    ({ status }) => status?.['phase'] === 'Completed',
    600,
  );
  await api.send('POST', `${kosmos}/virtualclusters`, aVirtualCluster(NAMESPACE, cluster, names));
  await look(ranFrom(cluster, began, await done));
  await api.text('DELETE', `${kosmos}/virtualclusters/${cluster}`);
  for (const name of names) await api.text('DELETE', `${kosmos}/virtualclusterplugins/${name}`);
}

const ranFrom = (cluster: string, began: number, ended: number): Ran => ({
  cluster,
  began: performance.timeOrigin + began,
  ended: performance.timeOrigin + ended,
});

/** Pods that stay between measurements: the one that filled the volume, and the HTTPS server. */
const STAYING = /^(fill$|files-)/;

/** Waits until the pods of earlier runs are gone, so that their end is no part of the next measurement. */
export async function untilPodsAreGone(api: Api): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { items } = await api.send<{ items: Resource[] }>('GET', `/api/v1/namespaces/${NAMESPACE}/pods`);
    const left = items.map(({ metadata }) => metadata.name).filter((name) => !STAYING.test(name));
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`pods of an earlier run are still there: ${left.join(', ')}`);
    await delay(300);
  }
}
