import { EXECUTOR_COMPONENT, LABEL } from '#api/names.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { type Clock, systemClock } from '#kube/clock.ts';
import { Informer } from '#kube/informer.ts';
import type { Log } from '#kube/log.ts';
import type { KubeObject } from '#kube/resource.ts';
import { type Job, jobs, type Pod, pods, virtualClusterPlugins, virtualClusters } from './objects.ts';

/** What the operator watches. */
export type Caches = {
  clusters: Informer<VirtualCluster>;
  plugins: Informer<VirtualClusterPlugin>;
  jobs: Informer<Job>;
  pods: Informer<Pod>;
};

/** Index of Jobs and pods by the uid of their VirtualCluster. */
export const BY_CLUSTER = 'cluster';

const ours = `${LABEL.component}=${EXECUTOR_COMPONENT}`;
const byCluster = ({ metadata }: KubeObject) => {
  const uid = metadata.labels?.[LABEL.clusterUid];
  return uid === undefined ? [] : [uid];
};

/** Field managers are most of an object's size, and nobody here reads them. */
function slim<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & { managedFields?: unknown };
  return { ...object, metadata };
}

/** Of what a Job runs only the affinity is read again; the rest is the same in every one. */
function slimJob(job: Job): Job {
  const { suspend = false, template } = job.spec;
  const { affinity } = template.spec;
  return slim({ ...job, spec: { suspend, template: { spec: affinity ? { affinity } : {} } } });
}

function slimPod({ spec, ...pod }: Pod): Pod {
  return slim(spec?.nodeName ? { ...pod, spec: { nodeName: spec.nodeName } } : pod);
}

export function createCaches({
  client,
  log,
  clock = systemClock,
  clusterSelector,
}: {
  client: KubeClient;
  log: Log;
  clock?: Clock;
  clusterSelector?: string | undefined;
}): Caches {
  const common = { client, log, clock };
  return {
    clusters: new Informer({
      ...common,
      resource: virtualClusters,
      labelSelector: clusterSelector,
      transform: slim,
    }),
    plugins: new Informer({ ...common, resource: virtualClusterPlugins, transform: slim }),
    jobs: new Informer({
      ...common,
      resource: jobs,
      labelSelector: ours,
      transform: slimJob,
      indexers: { [BY_CLUSTER]: byCluster },
    }),
    pods: new Informer({
      ...common,
      resource: pods,
      labelSelector: ours,
      transform: slimPod,
      indexers: { [BY_CLUSTER]: byCluster },
    }),
  };
}

/** Starts all informers and resolves when each has its first list. */
export async function startCaches(caches: Caches, signal: AbortSignal): Promise<void> {
  const informers = [caches.clusters, caches.plugins, caches.jobs, caches.pods];
  for (const informer of informers) void informer.run(signal);
  await Promise.all(informers.map((informer) => informer.synced()));
}
