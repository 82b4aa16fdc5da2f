import { CATALOGUE_NAMESPACE } from '#api/contract/names.ts';
import type { KubeClient } from '#kube/client.ts';
import { type Clock, sleep } from '#kube/clock.ts';
import { EventRecorder } from '#kube/event-recorder.ts';
import type { Log } from '#kube/log.ts';
import { type KubeObject, keyOf, splitKey } from '#kube/resource.ts';
import { WorkQueue } from '#kube/work-queue.ts';
import { createTargets, type Targets } from '#operator/access/target.ts';
import { PluginStatusReconciler } from '#operator/catalogue/plugin-status.ts';
import { AttemptLogs } from '#operator/executor-jobs/attempt-logs.ts';
import { type Caches, createCaches, isSpecChange, startCaches } from '#operator/host/caches.ts';
import { DigestKey } from '#operator/host/digest-key.ts';
import { EventReader } from '#operator/host/event-reader.ts';
import { ReferenceReader } from '#operator/host/references.ts';
import { ClusterReconciler, clusterKeyOf } from '#operator/virtual-clusters/reconcile.ts';
import { transitions } from '#operator/virtual-clusters/transitions.ts';
import type { Config } from './config.ts';
import type { Metrics } from './metrics.ts';
import { createProvisioner } from './provisioner.ts';

/** What the operator takes from its flags. */
type OperatorSettings = Pick<
  Config,
  | 'settings'
  | 'controlPlanes'
  | 'executor'
  | 'namespace'
  | 'concurrency'
  | 'workerMaxSize'
  | 'insecureRegistries'
  | 'promotableLabels'
>;

export type OperatorDependencies = OperatorSettings & {
  client: KubeClient;
  clock: Clock;
  log: Log;
  metrics: Metrics;
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
  readonly #queues: Queues;
  #isRunning = false;

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
      digestKey: new DigestKey(deps),
      events: new EventReader({ client, clock }),
      targets: deps.targets ?? createTargets({ references, clock }),
      provisioner: createProvisioner({ ...deps, clusters: () => this.caches.clusters.cache.list() }),
      onStatus: (cluster, before) => {
        const after = cluster.status ?? {};
        metrics.finished(before, after);
        for (const happened of transitions(before, after)) this.#events.record(cluster, happened);
      },
    });
    const plugins = new PluginStatusReconciler({ client, caches: this.caches });
    const logs = new AttemptLogs({ client, caches: this.caches, log, clock });
    this.#queues = {
      cluster: this.#queue('cluster', deps.concurrency, (key) => clusters.reconcile(key), 10_000),
      plugin: this.#queue('plugin', 1, (key) => plugins.reconcile(key)),
      log: this.#queue('log', 2, (key) => logs.reconcile(key)),
    };
    this.#connect(this.#queues);
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
    this.#isRunning = true;
    const { cluster, plugin, log } = this.#queues;
    this.#addAll();
    for (const key of this.caches.plugins.cache.keys()) plugin.add(key);
    for (const key of this.caches.pods.cache.keys()) log.add(key);
    void this.#resync(signal);
    await Promise.all([cluster, plugin, log].map((queue) => queue.run(signal)));
    this.#isRunning = false;
    await this.#events.flush();
  }

  async #resync(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#deps.clock, RESYNC_MS, signal);
      this.#addAll();
    }
  }

  #addAll(): void {
    for (const key of this.caches.clusters.cache.keys()) this.#queues.cluster.add(key);
  }

  #queue(name: string, concurrency: number, reconcile: WorkQueueReconcile, maxDelayMs = 30_000): WorkQueue {
    const { clock, log, metrics } = this.#deps;
    const onResult = (result: Parameters<Metrics['reconciled']>[1]) => metrics.reconciled(name, result);
    const queue = new WorkQueue({ name, concurrency, reconcile, clock, log, maxDelayMs, onResult });
    metrics.watchDepth(name, () => queue.depth);
    return queue;
  }

  /** Which change concerns which name. A replica that does not lead keeps caches, not queues. */
  #connect({ cluster, plugin, log }: Queues): void {
    const { clusters, plugins, jobs, pods } = this.caches;
    const whileRunning =
      <T>(handler: (change: T) => void) =>
      (change: T) => {
        if (this.#isRunning) handler(change);
      };
    const ofCluster = ({ metadata }: KubeObject) => {
      const key = clusterKeyOf(metadata.labels);
      if (key !== undefined) cluster.add(key);
    };
    clusters.onChange(
      whileRunning((change) => {
        cluster.add(keyOf(change.object));
        if (!isSpecChange(change)) return;
        for (const key of plugins.cache.keys()) plugin.addAfter(key, USED_BY_DELAY_MS);
      }),
    );
    plugins.onChange(
      whileRunning((change) => {
        plugin.add(keyOf(change.object));
        // Every new cluster changes the status of its plugins: that concerns no other cluster.
        if (!isSpecChange(change)) return;
        const { namespace } = change.object.metadata;
        for (const key of clusters.cache.keys()) {
          if (namespace === CATALOGUE_NAMESPACE || splitKey(key).namespace === namespace) cluster.add(key);
        }
      }),
    );
    jobs.onChange(whileRunning(({ object }) => ofCluster(object)));
    pods.onChange(
      whileRunning(({ type, object }) => {
        ofCluster(object);
        if (type !== 'deleted') log.add(keyOf(object));
      }),
    );
  }
}

type Queues = { cluster: WorkQueue; plugin: WorkQueue; log: WorkQueue };
type WorkQueueReconcile = ConstructorParameters<typeof WorkQueue>[0]['reconcile'];
