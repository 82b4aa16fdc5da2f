import { CATALOGUE_NAMESPACE, EXECUTOR_COMPONENT, LABEL } from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { type Clock, systemClock } from '#kube/clock.ts';
import { type Change, Informer } from '#kube/informer.ts';
import type { Log } from '#kube/log.ts';
import { type KubeObject, objectKey } from '#kube/resource.ts';
import {
  type Job,
  jobs,
  type Pod,
  pluginInstallations,
  pods,
  virtualClusterPlugins,
  virtualClusters,
} from '#kube/resources.ts';

/** The kinds that the operator watches. */
export type Caches = {
  clusters: Informer<VirtualCluster>;
  plugins: Informer<VirtualClusterPlugin>;
  installations: Informer<PluginInstallation>;
  jobs: Informer<Job>;
  pods: Informer<Pod>;
};

/** Index of installations, Jobs and pods by the uid of their VirtualCluster. */
export const BY_CLUSTER = 'cluster';
/** Index of installations by the plugin that they install, as namespace/name. */
export const BY_PLUGIN = 'plugin';

const BY_NAMESPACE = 'namespace';

const ours = `${LABEL.component}=${EXECUTOR_COMPONENT}`;
const byCluster = ({ metadata }: KubeObject) => {
  const uid = metadata.labels?.[LABEL.clusterUid];
  return uid === undefined ? [] : [uid];
};

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Managed fields and the last applied configuration are most of an object's size, and the operator reads neither. */
function slim<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & { managedFields?: unknown };
  const { [LAST_APPLIED]: __, ...annotations } = metadata.annotations ?? {};
  return { ...object, metadata: { ...metadata, annotations } };
}

/** Of a Job's template only what decides on its node is read later; the rest is the same in every executor Job. */
function slimJob(job: Job): Job {
  const { suspend = false, template } = job.spec;
  const { affinity, tolerations } = template.spec;
  const placement = { ...(affinity && { affinity }), ...(tolerations && { tolerations }) };
  return slim({ ...job, spec: { suspend, template: { spec: placement } } });
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
    plugins: new Informer({
      ...common,
      resource: virtualClusterPlugins,
      transform: slim,
      indexers: { [BY_NAMESPACE]: ({ metadata }) => [metadata.namespace] },
    }),
    installations: new Informer({
      ...common,
      resource: pluginInstallations,
      transform: slim,
      indexers: {
        [BY_CLUSTER]: byCluster,
        [BY_PLUGIN]: ({ spec }) => [objectKey(spec.pluginRef)],
      },
    }),
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

/** The plugins that a VirtualCluster of this namespace may use: those of its namespace and of the catalogue. */
export const pluginsFor = ({ plugins }: Pick<Caches, 'plugins'>, namespace: string): VirtualClusterPlugin[] =>
  [...new Set([CATALOGUE_NAMESPACE, namespace])].flatMap((one) => plugins.cache.byIndex(BY_NAMESPACE, one));

/** Whether the object was created, deleted or changed in its spec, and not only in its status. */
export function isSpecChange(change: Change<KubeObject>): boolean {
  if (change.type !== 'updated') return true;
  const { metadata } = change.object;
  const { uid, generation, deletionTimestamp } = change.previous.metadata;
  return (
    metadata.uid !== uid ||
    metadata.generation !== generation ||
    metadata.deletionTimestamp !== deletionTimestamp
  );
}

/** Starts all informers and resolves when each has its first list. */
export async function startCaches(caches: Caches, signal: AbortSignal): Promise<void> {
  const informers = [caches.clusters, caches.plugins, caches.installations, caches.jobs, caches.pods];
  for (const informer of informers) void informer.run(signal);
  await Promise.all(informers.map((informer) => informer.synced()));
}
