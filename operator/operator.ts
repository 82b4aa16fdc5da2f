import { CATALOGUE_NAMESPACE } from '#api/names.ts';
import type { Settings } from '#api/settings.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { EventRecorder } from '#kube/event-recorder.ts';
import type { Log } from '#kube/log.ts';
import { type KubeObject, keyOf } from '#kube/resource.ts';
import { WorkQueue } from '#kube/work-queue.ts';
import { type Caches, createCaches, startCaches } from './caches.ts';
import { createTargets, type Targets } from './cluster/target.ts';
import type { Metrics } from './metrics.ts';
import { PluginStatusReconciler } from './plugin-status.ts';
import { AttemptLogs } from './plugins/attempt-logs.ts';
import { ClusterReconciler, clusterKeyOf, namespaceOfKey } from './reconcile.ts';
import { ReferenceReader } from './references.ts';
import { transitions } from './status/transitions.ts';

export type OperatorDependencies = {
  client: KubeClient;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  settings: Settings;
  executorImage: string;
  concurrency: number;
  /** Label selector of the VirtualClusters to work on; absent: all. Several operators can share an API server. */
  clusterSelector?: string;
  /** Instead of the real ones, in tests whose target is on loopback. */
  targets?: Targets;
  betweenWrites?: (after: string) => void;
};

const COMPONENT = 'pinion-operator';
/** So that changed contents of Secrets and ConfigMaps are noticed: those are not watched. */
const RESYNC_MS = 10 * 60_000;
const USED_BY_DELAY_MS = 500;

/** The three controllers and what they share. Caches run in every replica, queues only in the leader. */
export class Operator {
  readonly caches: Caches;
  readonly #deps: OperatorDependencies;
  readonly #events: EventRecorder;
  readonly #queues: WorkQueue[];

  constructor(deps: OperatorDependencies) {
    const { client, clock, log, metrics } = deps;
    this.#deps = deps;
    this.caches = createCaches({ client, log, clock, clusterSelector: deps.clusterSelector });
    this.#events = new EventRecorder({ client, component: COMPONENT, clock, log });
    const references = new ReferenceReader({ client, clock });
    const clusters = new ClusterReconciler({
      ...deps,
      caches: this.caches,
      references,
      targets: deps.targets ?? createTargets({ references, clock }),
      onStatus: (cluster, before) => {
        const after = cluster.status ?? {};
        metrics.finished(before, after);
        for (const happened of transitions(before, after)) this.#events.record(cluster, happened);
      },
    });
    const plugins = new PluginStatusReconciler({ client, caches: this.caches });
    const logs = new AttemptLogs({ client, caches: this.caches, log });
    const queues = {
      cluster: this.#queue('cluster', deps.concurrency, (key) => clusters.reconcile(key), 10_000),
      plugin: this.#queue('plugin', 1, (key) => plugins.reconcile(key)),
      log: this.#queue('log', 2, (key) => logs.reconcile(key)),
    };
    this.#queues = Object.values(queues);
    this.#connect(queues);
  }

  get ready(): boolean {
    return Object.values(this.caches).every((informer) => informer.hasSynced);
  }

  /** Fills the caches and keeps them up to date until the signal aborts. */
  startCaches(signal: AbortSignal): Promise<void> {
    return startCaches(this.caches, signal);
  }

  /** Works until the signal aborts, then finishes what is under way. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.run(signal)));
    await this.#events.flush();
  }

  #queue(name: string, concurrency: number, reconcile: WorkQueueReconcile, maxDelayMs = 30_000): WorkQueue {
    const { clock, log, metrics } = this.#deps;
    const onResult = (result: Parameters<Metrics['reconciled']>[1]) => metrics.reconciled(name, result);
    const queue = new WorkQueue({ name, concurrency, reconcile, clock, log, maxDelayMs, onResult });
    metrics.watchDepth(name, () => queue.depth);
    return queue;
  }

  /** Which change concerns which name. */
  #connect(queues: { cluster: WorkQueue; plugin: WorkQueue; log: WorkQueue }): void {
    const { clusters, plugins, jobs, pods } = this.caches;
    const ofCluster = ({ metadata }: KubeObject) => {
      const key = clusterKeyOf(metadata.labels);
      if (key !== undefined) queues.cluster.add(key);
    };
    clusters.onChange(({ object }) => {
      queues.cluster.add(keyOf(object));
      queues.cluster.addAfter(keyOf(object), RESYNC_MS);
      for (const key of plugins.cache.keys()) queues.plugin.addAfter(key, USED_BY_DELAY_MS);
    });
    plugins.onChange(({ object }) => {
      const { namespace } = object.metadata;
      for (const key of clusters.cache.keys()) {
        if (namespace === CATALOGUE_NAMESPACE || namespaceOfKey(key) === namespace) queues.cluster.add(key);
      }
      queues.plugin.add(keyOf(object));
    });
    jobs.onChange(({ object }) => ofCluster(object));
    pods.onChange(({ type, object }) => {
      ofCluster(object);
      if (type !== 'deleted') queues.log.add(keyOf(object));
    });
  }
}

type WorkQueueReconcile = ConstructorParameters<typeof WorkQueue>[0]['reconcile'];
