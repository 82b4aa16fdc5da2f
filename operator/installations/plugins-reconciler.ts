import { LABEL } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Target } from '#api/kubeconfig.ts';
import { resolvePluginSet } from '#api/plugin-set.ts';
import type { Problem } from '#api/problem.ts';
import { problemOf } from '#api/problem.ts';
import type { Settings } from '#api/settings.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import type { Job } from '#kube/resources.ts';
import { type Facts, factsOf } from '#operator/access/facts.ts';
import type { Stage } from '#operator/access/stage.ts';
import type { Targets } from '#operator/access/target.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import type { ActDependencies } from '#operator/executor-jobs/execute.ts';
import { AssumeCache } from '#operator/host/assume-cache.ts';
import { BY_CLUSTER, type Caches, pluginsFor } from '#operator/host/caches.ts';
import { readComponentImages } from '#operator/host/component-images.ts';
import type { DigestKey } from '#operator/host/digest-key.ts';
import type { EventReader } from '#operator/host/event-reader.ts';
import { forceDeleteStuckPods } from '#operator/host/gone-node.ts';
import type { ReferenceReader } from '#operator/host/references.ts';
import { orderByDependencies } from './dependencies.ts';
import { missing } from './entry.ts';
import { InjectionBackoff } from './injection-backoff.ts';
import type { PluginObservation } from './observation.ts';
import { observePlugin } from './observe.ts';
import { planPlugin } from './plan.ts';
import { holdTakenReleases } from './release-names.ts';
import { type Driven, drive } from './run-plan.ts';
import { stopUnwanted } from './unwanted.ts';

export type EquipDependencies = ActDependencies & {
  digestKey: Pick<DigestKey, 'fingerprint'>;
  client: KubeClient;
  caches: Caches;
  targets: Targets;
  references: ReferenceReader;
  events: EventReader;
  settings: Settings;
  clock: Clock;
  /** Pinion's own: where the images of its components are named. */
  namespace: string;
};

/** How far the plugins of a cluster are. */
export type Equipped = { stage: Stage; parts: Driven[]; requeueAfterMs: (number | undefined)[] };

/** A cluster that can be reached; `tenant` when its control plane is ours. */
export type Reached = { stage: Stage; target: Target; tenant?: Tenant | undefined };

const TARGET_RETRY_MS = 4_000;
const SUSPENDED: Problem = { reason: 'Suspended', message: 'spec.suspend is true; set it to false to go on' };

/** Brings every plugin of a cluster that can be reached a step on. */
export class Equipper {
  readonly #deps: EquipDependencies;
  readonly #jobs: AssumeCache<Job>;
  readonly #injections: InjectionBackoff;

  constructor(deps: EquipDependencies) {
    this.#deps = deps;
    this.#injections = new InjectionBackoff(deps.clock);
    this.#jobs = new AssumeCache(deps.clock);
    deps.caches.jobs.onChange(({ type, object }) => type === 'deleted' && this.#jobs.forget(object));
  }

  async equip(cluster: VirtualCluster, reached: Reached): Promise<Equipped> {
    const { target } = reached;
    const readFacts = this.#factReader(reached.tenant);
    const { wanted, problems } = this.#pluginSet(cluster);
    const { jobs, pods } = this.#observed(cluster);
    const now = () => this.#deps.clock.now();
    const observed = await Promise.all(
      wanted.map((one) =>
        observePlugin({ ...this.#deps, now }, { cluster, wanted: one, target, readFacts, jobs, pods }),
      ),
    );
    const backedOff = observed.map(({ observation }) => this.#injections.hold(observation));
    const ordered = orderByDependencies(
      holdTakenReleases(backedOff.map(({ observation }) => observation)),
      problems,
    );
    const { stage, hold } = await this.#stage(cluster, reached, ordered);
    const suspended = cluster.spec.suspend === true;
    const parts = await Promise.all(
      ordered.map(async (observation): Promise<Driven> => {
        const held = { ...observation, hold: hold ?? observation.hold };
        if (suspended) return planPlugin(held);
        const context = { cluster, plugin: observation.wanted.plugin, target };
        const driven = await drive(this.#actDependencies(), context, held);
        this.#injections.note(held, driven);
        return driven;
      }),
    );
    const stuckMs = suspended ? undefined : await forceDeleteStuckPods(this.#deps, pods, now());
    if (!suspended) await stopUnwanted(this.#deps.client, jobs, wanted, problems);
    const recorded = (name: string) => cluster.status?.plugins?.find((plugin) => plugin.name === name);
    const absent = problems.map((problem): Driven => missing(recorded(problem.plugin), problem));
    const targetMs = stage.kind === 'preparing' ? TARGET_RETRY_MS : undefined;
    const looks = observed.map(({ lookAgainMs }) => lookAgainMs);
    const waits = backedOff.map(({ waitMs }) => waitMs);
    const requeueAfterMs = [...looks, ...waits, stuckMs, targetMs];
    return { stage, parts: [...parts, ...absent].sort(byName), requeueAfterMs };
  }

  /** The target is only asked when something is to be started, or has never been finished. */
  async #stage(
    cluster: VirtualCluster,
    { stage, target }: Reached,
    observed: readonly PluginObservation[],
  ): Promise<{ stage: Stage; hold?: Problem }> {
    if (cluster.spec.suspend) return { stage, hold: SUSPENDED };
    const plans = observed.map((observation) => planPlugin(observation));
    const starts = plans.some(({ acts }) => acts.some(({ kind }) => kind !== 'delete'));
    const isUnderWay = plans.some(({ progress }) => progress === 'working') && !starts;
    if (isUnderWay || (!starts && cluster.status?.phase === 'Completed')) return { stage };
    try {
      await this.#deps.targets.probe(target);
      return { stage };
    } catch (error) {
      const { terminal: _, ...problem } = problemOf(error);
      return { stage: { kind: 'preparing', problem }, hold: problem };
    }
  }

  /** Read once for all plugins; a failure is told of each of them. */
  #factReader(tenant: Tenant | undefined): (() => Promise<Facts>) | undefined {
    if (tenant === undefined) return undefined;
    const { client, namespace } = this.#deps;
    let facts: Promise<Facts> | undefined;
    const read = async () => factsOf(tenant, await readComponentImages(client, namespace));
    return () => (facts ??= read());
  }

  #pluginSet(cluster: VirtualCluster) {
    const { namespace } = cluster.metadata;
    return resolvePluginSet(cluster.spec, namespace, pluginsFor(this.#deps.caches, namespace));
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
}

/** Of a cluster that can't be reached: its plugins are what they were. */
export function unequipped({ status }: VirtualCluster, stage: Stage): Equipped {
  const plugins = status?.plugins ?? [];
  const parts = plugins.map((plugin): Driven => ({ status: plugin, acts: [], progress: 'waiting' }));
  return { stage, parts, requeueAfterMs: [] };
}

const byName = (a: Driven, b: Driven) => (a.status.name < b.status.name ? -1 : 1);
