import type { KubeClient } from '#kube/client.ts';
import { type Clock, sleep } from '#kube/clock.ts';
import { EventRecorder } from '#kube/event-recorder.ts';
import type { Log } from '#kube/log.ts';
import { keyOf } from '#kube/resource.ts';
import { WorkQueue } from '#kube/work-queue.ts';
import { ClusterAccess } from './access/cluster-access.ts';
import { createTargets, type Targets } from './access/target.ts';
import { PluginStatusReconciler } from './catalogue/plugin-status.ts';
import type { Config } from './config.ts';
import { AttemptLogs } from './executor-jobs/attempt-logs.ts';
import { createRunningPods } from './executor-jobs/node-of-claims.ts';
import { type Caches, createCaches, startCaches } from './host/caches.ts';
import { type ComponentImages, createImageReader } from './host/component-images.ts';
import { DigestKey } from './host/digest-key.ts';
import { EventReader } from './host/event-reader.ts';
import { createPodSettingsReader, type ReadPodSettings } from './host/pod-settings-reader.ts';
import { ReferenceReader } from './host/references.ts';
import { leftBehind } from './installations/left.ts';
import { InstallationReconciler } from './installations/reconcile.ts';
import { legacyEntry, legacyStatus } from './installations/takeover.ts';
import { transition } from './installations/transitions.ts';
import type { Metrics } from './metrics.ts';
import { createProvisioner } from './provisioner.ts';
import { ClusterReconciler } from './virtual-clusters/reconcile.ts';
import { transitions } from './virtual-clusters/transitions.ts';
import { connect, type Queues } from './watches.ts';

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

/** The controllers and what they share. Caches run in every replica, queues only in the leader. */
export class Operator {
  readonly caches: Caches;
  readonly #deps: OperatorDependencies;
  readonly #events: EventRecorder;
  readonly #queues: Queues;
  #isRunning = false;

  constructor(deps: OperatorDependencies) {
    const { client, clock, log } = deps;
    this.#deps = deps;
    this.caches = createCaches({ client, log, clock, clusterSelector: deps.clusterSelector });
    this.#events = new EventRecorder({ client, component: COMPONENT, clock, log });
    const shared = this.#shared();
    const installations = this.#installations(shared);
    const clusters = this.#clusters(shared, installations);
    const plugins = new PluginStatusReconciler({ client, caches: this.caches });
    const { logs } = shared;
    this.#queues = {
      cluster: this.#queue('cluster', deps.concurrency, (key) => clusters.reconcile(key), 10_000),
      installation: this.#queue(
        'installation',
        deps.concurrency,
        (key) => installations.reconcile(key),
        10_000,
      ),
      plugin: this.#queue('plugin', 1, (key) => plugins.reconcile(key)),
      log: this.#queue('log', 2, (key) => logs.reconcile(key)),
    };
    connect({
      caches: this.caches,
      queues: this.#queues,
      isRunning: () => this.#isRunning,
      isOwnStatus: (installation) => installations.view.isOwnStatus(installation),
    });
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
    const { cluster, installation, plugin, log } = this.#queues;
    this.#addAll();
    for (const key of this.caches.plugins.cache.keys()) plugin.add(key);
    for (const key of this.caches.pods.cache.keys()) log.add(key);
    void this.#resync(signal);
    await Promise.all([cluster, installation, plugin, log].map((queue) => queue.run(signal)));
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
    for (const key of this.caches.installations.cache.keys()) this.#queues.installation.add(key);
  }

  /** What the controllers of VirtualClusters and of installations share. */
  #shared() {
    const { client, clock, log } = this.#deps;
    const logs = new AttemptLogs({ client, caches: this.caches, log, clock });
    const references = new ReferenceReader({ client, clock });
    const targets = this.#deps.targets ?? createTargets({ references, clock });
    const images = createImageReader(this.#deps);
    const podSettings = createPodSettingsReader(this.#deps);
    const events = new EventReader({ client, clock });
    const access = new ClusterAccess();
    const caches = this.caches;
    return { ...this.#deps, caches, references, targets, images, podSettings, events, access, logs };
  }

  #installations(shared: Shared): InstallationReconciler {
    const { client, clock, metrics } = this.#deps;
    return new InstallationReconciler({
      ...shared,
      digestKey: new DigestKey(this.#deps),
      keepLogs: (job) => shared.logs.keepOf(job),
      runningPods: createRunningPods({ client, clock }),
      onEvent: (cluster, event) => this.#events.record(cluster, event),
      onStatus: (cluster, { spec, status = {} }, before) => {
        const plugin = spec.pluginRef.name;
        const previous = before ?? legacyStatus(legacyEntry(cluster, plugin), undefined);
        metrics.finished(previous, status);
        const event = transition({ cluster: cluster.metadata.name, plugin }, previous, status);
        if (event) this.#events.record(cluster, event);
        const left = leftBehind(spec.pluginRef, previous, status);
        if (left) this.#events.record(cluster, left);
      },
    });
  }

  #clusters(shared: Shared, { view }: InstallationReconciler): ClusterReconciler {
    return new ClusterReconciler({
      ...shared,
      view,
      provisioner: createProvisioner({ ...shared, clusters: () => this.caches.clusters.cache.list() }),
      onAccess: (cluster) => {
        for (const one of view.installationsOf(cluster)) this.#queues.installation.add(keyOf(one));
      },
      onStatus: (cluster, before) => {
        for (const event of transitions(before, cluster.status ?? {})) this.#events.record(cluster, event);
      },
    });
  }

  #queue(name: string, concurrency: number, reconcile: WorkQueueReconcile, maxDelayMs = 30_000): WorkQueue {
    const { clock, log, metrics } = this.#deps;
    const onResult = (result: Parameters<Metrics['reconciled']>[1]) => metrics.reconciled(name, result);
    const queue = new WorkQueue({ name, concurrency, reconcile, clock, log, maxDelayMs, onResult });
    metrics.watchDepth(name, () => queue.depth);
    return queue;
  }
}

type Shared = OperatorDependencies & {
  caches: Caches;
  references: ReferenceReader;
  targets: Targets;
  images: () => Promise<ComponentImages>;
  podSettings: ReadPodSettings;
  events: EventReader;
  access: ClusterAccess;
  logs: AttemptLogs;
};
type WorkQueueReconcile = ConstructorParameters<typeof WorkQueue>[0]['reconcile'];
