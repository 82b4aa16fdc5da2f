import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import { MAX_CONCURRENT } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { earliest } from '#kube/work-queue.ts';
import type { Access } from '#operator/access/cluster-access.ts';
import { factsOf } from '#operator/access/facts.ts';
import type { Targets } from '#operator/access/target.ts';
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
import { STARTS, type State, stateOf } from './state.ts';
import { waiting } from './status.ts';
import { adopt, legacyEntry, legacyStatus } from './takeover.ts';
import { TARGET_RETRY_MS, TargetReach } from './target-reach.ts';

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

/** Brings an installation that is wanted a step on. The caller writes the status that comes back. */
export class PresentInstallations {
  readonly #deps: PresentDependencies;
  readonly #view: HostView;
  readonly #injections: InjectionBackoff;
  readonly #slots = new Slots();
  readonly #reach: TargetReach;

  constructor(deps: PresentDependencies, view: HostView) {
    this.#deps = deps;
    this.#view = view;
    this.#reach = new TargetReach(deps);
    this.#injections = new InjectionBackoff(deps.clock);
  }

  async reconcile(present: Present): Promise<Result> {
    const { cluster, plugin, writer } = present;
    const { installation } = writer;
    const entry = installation.status ? undefined : legacyEntry(cluster, plugin.metadata.name);
    const recorded = installation.status ?? legacyStatus(entry, plugin);
    const target = await this.#reach.identify(cluster, present.access, recorded);
    const { access } = target;
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
    const result = await this.#decide(
      { ...present, access },
      adopt(observed, entry !== undefined),
      target.problem,
    );
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
    const access = hasFailedBefore(state)
      ? await this.#reach.newest(cluster, present.access)
      : present.access;
    const hold = STARTS[state.kind] ? this.#hold(present, key, targetProblem) : undefined;
    const held = { ...observed, hold, targetProblem };
    if (cluster.spec.suspend) return { ...planFor(held, state), acts: [] };
    const done = hold || !STARTS[state.kind] ? undefined : this.#slots.take(uid, name);
    try {
      const result = await runPlan(
        this.#runDependencies(),
        this.#context({ ...present, access }),
        held,
        state,
      );
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

/** The failure may have come from credentials that were replaced since. */
const hasFailedBefore = (state: State): boolean =>
  ('retry' in state && state.retry !== undefined) ||
  (state.kind === 'Started' && state.outcome.kind === 'retrying');

const UNKNOWN_TARGET: Problem = {
  reason: 'TargetUnreachable',
  message: 'the target cluster has not been reached yet',
};
