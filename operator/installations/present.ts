import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import { MAX_CONCURRENT } from '#api/kinds/virtualcluster.ts';
import { type Problem, problemOf } from '#api/problem.ts';
import type { Access } from '#operator/access/cluster-access.ts';
import { factsOf } from '#operator/access/facts.ts';
import { type Targets, UNKNOWN_UID } from '#operator/access/target.ts';
import type { ComponentImages } from '#operator/host/component-images.ts';
import type { Hold } from './hold-input.ts';
import { firstHold } from './holds.ts';
import type { HostView } from './host-view.ts';
import { InjectionBackoff } from './injection-backoff.ts';
import type { InstallationWriter } from './installation-writer.ts';
import type { Observation } from './observation.ts';
import { type ObserveDependencies, observe } from './observe.ts';
import { planFor } from './plan.ts';
import { type Result, type RunDependencies, runPlan } from './run-plan.ts';
import { Slots } from './slots.ts';
import { STARTS, stateOf } from './state.ts';
import { waiting } from './status.ts';
import { adopt, legacyEntry, legacyStatus } from './takeover.ts';

export type PresentDependencies = Omit<ObserveDependencies, 'now'> &
  Omit<RunDependencies, 'onJob' | 'onJobGone'> & {
    targets: Targets;
    /** Images of the plugins that ship with Pinion. */
    images: () => Promise<ComponentImages>;
    clock: { now: () => number };
  };

export type Present = {
  cluster: VirtualCluster;
  plugin: VirtualClusterPlugin;
  access: Access;
  writer: InstallationWriter;
};

const TARGET_RETRY_MS = 4_000;

/** Brings an installation that is wanted a step on. The caller writes the status that comes back. */
export class PresentInstallations {
  readonly #deps: PresentDependencies;
  readonly #view: HostView;
  readonly #injections: InjectionBackoff;
  readonly #slots = new Slots();
  /** Targets that did not answer, by the uid of their cluster: asked again a while after the last try has ended. */
  readonly #unreachable = new Map<string, { problem: Problem; until: number }>();

  constructor(deps: PresentDependencies, view: HostView) {
    this.#deps = deps;
    this.#view = view;
    this.#injections = new InjectionBackoff(deps.clock);
  }

  async reconcile(present: Present): Promise<Result> {
    const { cluster, plugin, access, writer } = present;
    const { installation } = writer;
    const entry = installation.status ? undefined : legacyEntry(cluster, plugin.metadata.name);
    const recorded = installation.status ?? legacyStatus(entry, plugin);
    const target = await this.#identify(cluster, access, recorded);
    if (target.uid === undefined) return waiting(recorded, target.problem ?? UNKNOWN_TARGET, TARGET_RETRY_MS);
    const { observed, lookAgainMs } = await observe(
      { ...this.#deps, now: () => this.#deps.clock.now() },
      {
        cluster,
        wanted: { plugin, values: installation.spec.values },
        recorded,
        targetUid: target.uid,
        server: access.target.server,
        readFacts: this.#factReader(access),
        jobs: this.#view.jobsOf(cluster),
        pods: this.#view.podsOf(cluster),
      },
    );
    const result = await this.#decide(present, adopt(observed, entry !== undefined), target.problem);
    return { ...result, requeueAfterMs: earliest(result.requeueAfterMs, lookAgainMs) };
  }

  /** What holds an action back is evaluated once, and only for a state whose action starts something. */
  async #decide(
    present: Present,
    observed: Observation,
    targetProblem: Problem | undefined,
  ): Promise<Result> {
    const { cluster, plugin } = present;
    const { uid } = cluster.metadata;
    const { name } = plugin.metadata;
    const key = `${uid}/${plugin.metadata.uid}`;
    const state = stateOf(observed);
    const hold = STARTS[state.kind] ? this.#hold(present, key, targetProblem) : undefined;
    const held = { ...observed, hold };
    if (cluster.spec.suspend) return { ...planFor(held, state), acts: [] };
    const done = hold || !STARTS[state.kind] ? undefined : this.#slots.take(uid, name);
    try {
      const result = await runPlan(this.#runDependencies(), this.#context(present), held, state);
      this.#injections.note(key, result);
      return { ...result, requeueAfterMs: earliest(result.requeueAfterMs, hold?.requeueAfterMs) };
    } finally {
      done?.();
    }
  }

  #hold({ cluster, plugin }: Present, key: string, targetProblem: Problem | undefined): Hold | undefined {
    const { uid } = cluster.metadata;
    const { name } = plugin.metadata;
    return firstHold({
      cluster,
      plugin: name,
      ...this.#view.siblings(cluster),
      targetProblem: targetProblem && { ...targetProblem, requeueAfterMs: TARGET_RETRY_MS },
      injectionWaitMs: this.#injections.waitMs(key),
      slots: {
        taken: this.#slots.takenByOthers(uid, name, this.#view.activeJobs(cluster)),
        limit: cluster.spec.pluginSet?.maxConcurrent ?? MAX_CONCURRENT,
      },
    });
  }

  /** Which cluster the target is. One that does not answer is taken for the one that it was. */
  async #identify(
    cluster: VirtualCluster,
    { target }: Access,
    { installed, installing }: PluginInstallationStatus,
  ): Promise<{ uid: string | undefined; problem?: Problem }> {
    const recordedUid = installing?.targetUid ?? installed?.targetUid;
    const known = this.#unreachable.get(cluster.metadata.uid);
    if (known && known.until > this.#deps.clock.now()) return { uid: recordedUid, problem: known.problem };
    if (cluster.spec.suspend && recordedUid !== undefined) return { uid: recordedUid };
    try {
      const { uid } = await this.#deps.targets.probe(target);
      this.#unreachable.delete(cluster.metadata.uid);
      return { uid: uid === UNKNOWN_UID && recordedUid !== undefined ? recordedUid : uid };
    } catch (error) {
      const { terminal: _, ...problem } = problemOf(error);
      const until = this.#deps.clock.now() + TARGET_RETRY_MS;
      this.#unreachable.set(cluster.metadata.uid, { problem, until });
      return { uid: recordedUid, problem };
    }
  }

  #factReader({ tenant }: Access) {
    return tenant && (async () => factsOf(tenant, await this.#deps.images()));
  }

  #context({ cluster, plugin, access, writer }: Present) {
    return {
      cluster,
      plugin,
      target: access.target,
      record: async (status: Parameters<InstallationWriter['write']>[0]) => {
        await writer.write(status);
        return writer.installation.status ?? {};
      },
    };
  }

  #runDependencies(): RunDependencies {
    const { jobs } = this.#view;
    return { ...this.#deps, onJob: (job) => jobs.note(job), onJobGone: (job) => jobs.forget(job) };
  }
}

const UNKNOWN_TARGET: Problem = {
  reason: 'TargetUnreachable',
  message: 'the target cluster has not been reached yet',
};

function earliest(...delays: (number | undefined)[]): number | undefined {
  const known = delays.filter((delay) => delay !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
