import { ANNOTATION, CATALOGUE_NAMESPACE, installationName, LABEL } from '#api/contract/names.ts';
import type { PluginInstallation } from '#api/kinds/objects.ts';
import type { Change } from '#kube/informer.ts';
import { type KubeObject, keyOf, splitKey } from '#kube/resource.ts';
import type { WorkQueue } from '#kube/work-queue.ts';
import { BY_CLUSTER, BY_PLUGIN, type Caches, isSpecChange } from './host/caches.ts';
import { progressOf } from './installations/observation.ts';

export type Queues = Record<'cluster' | 'installation' | 'plugin' | 'log', WorkQueue>;

/** A plugin and the clusters that use it are often applied together: its status follows them in one write. */
const USED_BY_DELAY_MS = 2_000;
/** Installations of one cluster change together: its status follows them in one write. */
const PROJECT_DELAY_MS = 50;

/** Which change concerns which name. A replica that does not lead keeps caches, not queues. */
export function connect(of: {
  caches: Caches;
  queues: Queues;
  isRunning: () => boolean;
  /** Whether the controller of installations has left an installation like this. */
  isOwnStatus: (installation: PluginInstallation) => boolean;
}): void {
  const { caches, queues, isRunning, isOwnStatus } = of;
  const { clusters, plugins, installations, jobs, pods } = caches;
  const whileRunning =
    <T>(handler: (change: T) => void) =>
    (change: T) => {
      if (isRunning()) handler(change);
    };
  clusters.onChange(whileRunning((change) => onCluster(caches, queues, change)));
  plugins.onChange(whileRunning((change) => onPlugin(caches, queues, change)));
  installations.onChange(
    whileRunning((change) => {
      const { object } = change;
      if (change.type === 'deleted' || !isOwnStatus(object)) queues.installation.add(keyOf(object));
      const cluster = clusterKeyOf(object.metadata.labels);
      if (cluster !== undefined) queues.cluster.addAfter(cluster, PROJECT_DELAY_MS);
      if (hasAdvanced(change)) wakeWaiting(caches, queues, object);
    }),
  );
  jobs.onChange(whileRunning(({ object }) => addInstallationOf(queues, object)));
  pods.onChange(
    whileRunning(({ type, object }) => {
      addInstallationOf(queues, object);
      if (type !== 'deleted') queues.log.add(keyOf(object));
    }),
  );
}

function onCluster({ plugins, installations }: Caches, queues: Queues, change: Change<KubeObject>): void {
  const { metadata } = change.object;
  queues.cluster.add(keyOf(change.object));
  if (!isSpecChange(change) && !isRetry(change)) return;
  for (const one of installations.cache.byIndex(BY_CLUSTER, metadata.uid))
    queues.installation.add(keyOf(one));
  if (!isSpecChange(change)) return;
  for (const key of plugins.cache.keys()) queues.plugin.addAfter(key, USED_BY_DELAY_MS);
}

const isRetry = (change: Change<KubeObject>) =>
  change.type === 'updated' &&
  change.object.metadata.annotations?.[ANNOTATION.retry] !==
    change.previous.metadata.annotations?.[ANNOTATION.retry];

function onPlugin({ clusters, installations }: Caches, queues: Queues, change: Change<KubeObject>): void {
  const key = keyOf(change.object);
  queues.plugin.addAfter(key, USED_BY_DELAY_MS);
  // Every new cluster changes the status of its plugins: that concerns no other cluster.
  if (!isSpecChange(change)) return;
  for (const one of installations.cache.byIndex(BY_PLUGIN, key)) queues.installation.add(keyOf(one));
  const { namespace } = change.object.metadata;
  for (const cluster of clusters.cache.keys()) {
    if (namespace === CATALOGUE_NAMESPACE || splitKey(cluster).namespace === namespace) {
      queues.cluster.add(cluster);
    }
  }
}

/** Others may wait for what this one has come to: a dependency, a release name, a free slot. */
function hasAdvanced(change: Change<PluginInstallation>): boolean {
  if (change.type !== 'updated') return true;
  const { object, previous } = change;
  return (
    progressOf(object.status ?? {}) !== progressOf(previous.status ?? {}) ||
    object.status?.observedGeneration !== previous.status?.observedGeneration ||
    object.status?.observedPluginGeneration !== previous.status?.observedPluginGeneration ||
    object.status?.observedClusterGeneration !== previous.status?.observedClusterGeneration
  );
}

function wakeWaiting({ installations }: Caches, queues: Queues, { metadata }: PluginInstallation): void {
  const uid = metadata.labels?.[LABEL.clusterUid] ?? '';
  for (const other of installations.cache.byIndex(BY_CLUSTER, uid)) {
    const isWaiting = progressOf(other.status ?? {}) === 'waiting';
    if (isWaiting && other.metadata.name !== metadata.name) queues.installation.add(keyOf(other));
  }
}

/** The queue's key of the VirtualCluster that an object of ours belongs to. */
function clusterKeyOf(labels: Record<string, string> | undefined): string | undefined {
  const namespace = labels?.[LABEL.clusterNamespace];
  const name = labels?.[LABEL.clusterName];
  return namespace && name ? `${namespace}/${name}` : undefined;
}

/** The installation that a Job or pod of ours belongs to. */
function addInstallationOf(queues: Queues, { metadata: { labels, annotations } }: KubeObject): void {
  const namespace = labels?.[LABEL.clusterNamespace];
  const cluster = labels?.[LABEL.clusterName];
  const plugin = annotations?.[ANNOTATION.plugin];
  if (namespace && cluster && plugin) {
    queues.installation.add(`${namespace}/${installationName(cluster, plugin)}`);
  }
}
