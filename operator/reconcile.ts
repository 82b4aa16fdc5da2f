import type { Target } from '#api/kubeconfig.ts';
import { FINALIZER, LABEL } from '#api/names.ts';
import type { VirtualCluster } from '#api/objects.ts';
import { resolvePluginSet } from '#api/plugin-set.ts';
import type { Settings } from '#api/settings.ts';
import { describeProblems, validateCluster } from '#api/validation.ts';
import type { VirtualClusterStatus } from '#api/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import type { Outcome } from '#kube/work-queue.ts';
import { BY_CLUSTER, type Caches } from './caches.ts';
import { controlPlaneOf } from './cluster/source.ts';
import type { Targets } from './cluster/target.ts';
import type { DigestKey } from './digest-key.ts';
import type { EventReader } from './event-reader.ts';
import { finalize } from './finalize.ts';
import { promotedNodes } from './nodes/promoted.ts';
import { type Job, virtualClusters } from './objects.ts';
import type { ActDependencies } from './plugins/act.ts';
import { type Driven, drive } from './plugins/drive.ts';
import { missing } from './plugins/entry.ts';
import { forceDeleteStuckPods } from './plugins/gone-node.ts';
import type { Problem } from './plugins/observation.ts';
import { type ObservedPlugin, observePlugin } from './plugins/observe.ts';
import { planPlugin } from './plugins/plan.ts';
import { stopUnwanted } from './plugins/unwanted.ts';
import { problemOf, type ReferenceReader } from './references.ts';
import { assess, type Stage } from './status/assess.ts';
import { buildStatus, isSameStatus, statusPatch } from './status/build-status.ts';
import { Written } from './written.ts';

export type ReconcileDependencies = ActDependencies & {
  client: KubeClient;
  caches: Caches;
  targets: Targets;
  references: ReferenceReader;
  digestKey: DigestKey;
  events: EventReader;
  settings: Settings;
  clock: Clock;
  /** Told of every status that was written. */
  onStatus: (cluster: VirtualCluster, before: VirtualClusterStatus | undefined) => void;
};

type Findings = { stage: Stage; parts: Driven[]; requeueAfterMs: (number | undefined)[] };

const TARGET_RETRY_MS = 4_000;
const KUBECONFIG_RETRY_MS = 3_000;
const STATUS = { subresource: 'status' } as const;
const SUSPENDED: Problem = { reason: 'Suspended', message: 'spec.suspend is true; set it to false to go on' };

/** Brings one VirtualCluster a step on its way: observe, plan, act, and one status write at the end. */
export class ClusterReconciler {
  readonly #deps: ReconcileDependencies;
  readonly #clusters: Written<VirtualCluster>;
  readonly #jobs: Written<Job>;

  constructor(deps: ReconcileDependencies) {
    this.#deps = deps;
    this.#clusters = new Written(deps.clock);
    this.#jobs = new Written(deps.clock);
    deps.caches.jobs.onChange(({ type, object }) => type === 'deleted' && this.#jobs.forget(object));
    deps.caches.clusters.onChange(({ type, object }) => type === 'deleted' && this.#clusters.forget(object));
  }

  async reconcile(key: string): Promise<Outcome> {
    const { caches, client } = this.#deps;
    const found = this.#clusters.pick(key, caches.clusters.cache.byKey(key));
    if (!found) return {};
    if (found.metadata.deletionTimestamp) {
      const { cluster, ...outcome } = await finalize(client, found);
      if (cluster) this.#clusters.note(cluster);
      return outcome;
    }
    const cluster = await this.#withFinalizer(found);
    const { stage, parts, requeueAfterMs } = await this.#equip(cluster);
    const plugins = parts.map(({ status }) => status);
    const assessment = assess(stage, parts, cluster.spec.suspend === true);
    await this.#writeStatus(cluster, { assessment, plugins, nodes: promotedNodes(cluster) });
    // The status says what went wrong; thrown on, it is tried again with the back-off of this name.
    const failed = parts.find(({ error }) => error !== undefined);
    if (failed) throw failed.error;
    const delays = [...requeueAfterMs, ...parts.map((part) => part.requeueAfterMs)];
    return { requeueAfterMs: earliest(delays) };
  }

  /** Before anything of ours is made, so that nothing of it can be left behind. */
  async #withFinalizer(cluster: VirtualCluster): Promise<VirtualCluster> {
    const { finalizers = [], resourceVersion } = cluster.metadata;
    if (finalizers.includes(FINALIZER)) return cluster;
    const metadata = { resourceVersion, finalizers: [...finalizers, FINALIZER] };
    const patched = await this.#deps.client.patch(virtualClusters, cluster.metadata, { metadata });
    this.#clusters.note(patched);
    this.#deps.betweenWrites?.('finalizer');
    return patched;
  }

  async #equip(cluster: VirtualCluster): Promise<Findings> {
    const controlPlane = controlPlaneOf(cluster);
    if (controlPlane.kind === 'managed') return this.#pending(cluster, controlPlane.problem, true);
    let target: Target;
    try {
      target = await this.#deps.targets.read(cluster);
    } catch (error) {
      const { terminal, ...problem } = problemOf(error);
      // A Secret may be mended without our noticing, the spec may not.
      const isSpec = cluster.spec.kubeconfig !== undefined;
      return this.#pending(cluster, problem, terminal, isSpec ? undefined : KUBECONFIG_RETRY_MS);
    }
    const { errors } = validateCluster(cluster);
    if (errors.length > 0) {
      return this.#pending(cluster, { reason: 'InvalidSpec', message: describeProblems(errors) }, true);
    }
    const { wanted, problems } = this.#pluginSet(cluster);
    const { jobs, pods } = this.#observed(cluster);
    const now = () => this.#deps.clock.now();
    const observed = await Promise.all(
      wanted.map((one) =>
        observePlugin({ ...this.#deps, now }, { cluster, wanted: one, target, jobs, pods }),
      ),
    );
    const { stage, hold } = await this.#stage(cluster, target, observed);
    const suspended = cluster.spec.suspend === true;
    const parts = await Promise.all(
      observed.map(async ({ observation }): Promise<Driven> => {
        const held = { ...observation, hold };
        if (suspended) return planPlugin(held);
        const context = { cluster, plugin: observation.wanted.plugin, target };
        return drive(this.#actDependencies(), context, held);
      }),
    );
    const stuckMs = suspended ? undefined : await forceDeleteStuckPods(this.#deps, pods, now());
    if (!suspended) await stopUnwanted(this.#deps.client, jobs, wanted, problems);
    const recorded = (name: string) => cluster.status?.plugins?.find((plugin) => plugin.name === name);
    const absent = problems.map((problem): Driven => missing(recorded(problem.plugin), problem));
    const targetMs = stage.kind === 'preparing' ? TARGET_RETRY_MS : undefined;
    const requeueAfterMs = [...observed.map(({ lookAgainMs }) => lookAgainMs), stuckMs, targetMs];
    return { stage, parts: [...parts, ...absent].sort(byName), requeueAfterMs };
  }

  /** The target is only asked when something is to be started, or has never been finished. */
  async #stage(
    cluster: VirtualCluster,
    target: Target,
    observed: readonly ObservedPlugin[],
  ): Promise<{ stage: Stage; hold?: Problem }> {
    const ready: Stage = { kind: 'ready' };
    if (cluster.spec.suspend) return { stage: ready, hold: SUSPENDED };
    const plans = observed.map(({ observation }) => planPlugin(observation));
    const starts = plans.some(({ acts }) => acts.some(({ kind }) => kind !== 'delete'));
    const isUnderWay = plans.some(({ progress }) => progress === 'working') && !starts;
    if (isUnderWay || (!starts && cluster.status?.phase === 'Completed')) return { stage: ready };
    try {
      await this.#deps.targets.probe(target);
      return { stage: ready };
    } catch (error) {
      const { terminal: _, ...problem } = problemOf(error);
      return { stage: { kind: 'preparing', problem }, hold: problem };
    }
  }

  #pending(cluster: VirtualCluster, problem: Problem, terminal: boolean, retryMs?: number): Findings {
    const plugins = cluster.status?.plugins ?? [];
    const parts = plugins.map((status): Driven => ({ status, acts: [], progress: 'waiting' }));
    return { stage: { kind: 'pending', problem, terminal }, parts, requeueAfterMs: [retryMs] };
  }

  #pluginSet(cluster: VirtualCluster) {
    return resolvePluginSet(cluster.spec, cluster.metadata.namespace, this.#deps.caches.plugins.cache.list());
  }

  #observed({ metadata }: VirtualCluster) {
    const { jobs, pods } = this.#deps.caches;
    const isOf = (job: Job) => job.metadata.labels?.[LABEL.clusterUid] === metadata.uid;
    return {
      jobs: this.#jobs.pickAll(jobs.cache.byIndex(BY_CLUSTER, metadata.uid), isOf),
      pods: pods.cache.byIndex(BY_CLUSTER, metadata.uid),
    };
  }

  #actDependencies() {
    return {
      ...this.#deps,
      onJob: (job: Job) => this.#jobs.note(job),
      onJobGone: (job: Job) => this.#jobs.forget(job),
    };
  }

  async #writeStatus(cluster: VirtualCluster, found: Parameters<typeof buildStatus>[2]): Promise<void> {
    const status = buildStatus(cluster, this.#deps.clock.now(), found);
    if (isSameStatus(cluster.status, status)) return;
    // With the resourceVersion that was decided on: a newer object is decided on anew.
    const patch = statusPatch(cluster, status);
    const written = await this.#deps.client.patch(virtualClusters, cluster.metadata, patch, STATUS);
    this.#clusters.note(written);
    this.#deps.betweenWrites?.('status');
    this.#deps.onStatus(written, cluster.status);
  }
}

const byName = (a: Driven, b: Driven) => (a.status.name < b.status.name ? -1 : 1);

function earliest(delays: readonly (number | undefined)[]): number | undefined {
  const given = delays.filter((delay) => delay !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

/** The queue's key of the VirtualCluster that an object of ours belongs to. */
export function clusterKeyOf(labels: Record<string, string> | undefined): string | undefined {
  const namespace = labels?.[LABEL.clusterNamespace];
  const name = labels?.[LABEL.clusterName];
  return namespace && name ? `${namespace}/${name}` : undefined;
}
