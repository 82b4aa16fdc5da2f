import type { VirtualCluster } from '#api/kinds/objects.ts';
import { isExisting, type VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { Target } from '#api/kubeconfig.ts';
import type { Problem } from '#api/problem.ts';
import { problemOf } from '#api/problem.ts';
import { describeProblems, validateCluster } from '#api/validation/index.ts';
import type { Clock } from '#kube/clock.ts';
import { earliest, type Outcome } from '#kube/work-queue.ts';
import type { ClusterAccess } from '#operator/access/cluster-access.ts';
import type { Targets } from '#operator/access/target.ts';
import type { AttemptLogs } from '#operator/executor-jobs/attempt-logs.ts';
import { AssumeCache } from '#operator/host/assume-cache.ts';
import { assess } from './assess.ts';
import { ClusterWriter } from './cluster-writer.ts';
import { finalize } from './finalize.ts';
import { ClusterInstallations, type ClusterInstallationsDependencies } from './installations.ts';
import { namedNodes } from './named-nodes.ts';
import { Pace } from './pace.ts';
import type { Part } from './project.ts';
import { keptNodes, type Provisioned, type Provisioner, provision, wasEquipped } from './provision.ts';
import type { Unwritten } from './unwritten.ts';

export type ReconcileDependencies = ClusterInstallationsDependencies & {
  clock: Clock;
  targets: Targets;
  access: ClusterAccess;
  logs: Pick<AttemptLogs, 'close'>;
  provisioner: Provisioner;
  /** Called after every status that was written. */
  onStatus: (cluster: VirtualCluster, before: VirtualClusterStatus | undefined) => void;
  /** Called when the installations of a cluster may be worked on that could not before. */
  onAccess: (cluster: VirtualCluster) => void;
};

const KUBECONFIG_RETRY_MS = 3_000;
const TARGET_RETRY_MS = 4_000;
/** When an installation is written again that could not be. */
const UNWRITTEN_RETRY_MS = 5_000;
/** How long the status waits for installations to be decided on after a change, so that it does not flap. */
const SETTLE_MS = 3_000;
const SETTLE_LOOK_MS = 250;

/** Brings one VirtualCluster a step on its way: observe, plan, act, and one status write at the end. */
export class ClusterReconciler {
  readonly #deps: ReconcileDependencies;
  readonly #clusters: AssumeCache<VirtualCluster>;
  readonly #installations: ClusterInstallations;
  readonly #pace: Pace;
  /** Since when a cluster has installations that have not been decided on, by uid. */
  readonly #unsettled = new Map<string, number>();

  constructor(deps: ReconcileDependencies) {
    this.#deps = deps;
    this.#installations = new ClusterInstallations(deps);
    this.#clusters = new AssumeCache(deps.clock);
    this.#pace = new Pace(deps.clock);
    deps.caches.clusters.onChange(({ type, object }) => {
      if (type !== 'deleted') return;
      this.#clusters.forget(object);
      this.#unsettled.delete(object.metadata.uid);
      this.#pace.forget(object.metadata.uid);
      deps.access.close(object.metadata.uid);
    });
  }

  async reconcile(key: string): Promise<Outcome> {
    const cluster = this.#clusters.pick(key, this.#deps.caches.clusters.cache.byKey(key));
    if (!cluster) return {};
    const writer = new ClusterWriter({ ...this.#deps, written: this.#clusters, pace: this.#pace }, cluster);
    if (cluster.metadata.deletionTimestamp) {
      this.#deps.access.close(cluster.metadata.uid);
      await this.#deps.logs.close(cluster.metadata.uid);
      return finalize({ ...this.#deps, installations: this.#installations }, writer);
    }
    await writer.addFinalizer();
    const located = await this.#locate(writer);
    const unwritten = await this.#installPlugins(writer.cluster, located);
    const parts = this.#installations.parts(writer.cluster, unwritten);
    if (located.target && this.#isSettling(cluster, parts)) return { requeueAfterMs: SETTLE_LOOK_MS };
    const assessment = assess(located.stage, parts, cluster.spec.suspend === true);
    const plugins = parts.map(({ entry }) => entry);
    const equippedAt = this.#equippedAt(writer.cluster, located);
    const writeMs = await writer.writeFindings({ ...located, assessment, plugins, equippedAt });
    const unwrittenMs = unwritten.size > 0 ? UNWRITTEN_RETRY_MS : undefined;
    return { requeueAfterMs: earliest(...[...located.requeueAfterMs, writeMs, unwrittenMs]) };
  }

  /** Opens the way to the target for the installations, and has them say what the plugin set asks for. */
  async #installPlugins(cluster: VirtualCluster, { target, tenant }: Provisioned): Promise<Unwritten> {
    const { access, onAccess } = this.#deps;
    if (target === undefined) {
      access.close(cluster.metadata.uid);
      return new Map();
    }
    // First: what one installation can't be written for must not stop the others.
    if (access.open(cluster.metadata.uid, { target, tenant })) onAccess(cluster);
    return this.#installations.sync(cluster);
  }

  #isSettling({ metadata: { uid } }: VirtualCluster, parts: readonly Part[]): boolean {
    if (!parts.some(({ progress }) => progress === 'unobserved')) {
      this.#unsettled.delete(uid);
      return false;
    }
    const now = this.#deps.clock.now();
    const since = this.#unsettled.get(uid) ?? now;
    this.#unsettled.set(uid, since);
    return now - since < SETTLE_MS;
  }

  #equippedAt({ status }: VirtualCluster, { target, stage }: Provisioned): string | undefined {
    const isReady = target !== undefined && stage.kind === 'ready';
    return status?.equippedAt ?? (isReady ? new Date(this.#deps.clock.now()).toISOString() : undefined);
  }

  /** The cluster that is to be equipped: the user's own, or one that is brought up here. */
  async #locate(writer: ClusterWriter): Promise<Provisioned> {
    const { cluster } = writer;
    if (!isExisting(cluster.spec)) {
      const refused = invalid(cluster);
      // The journal of its nodes outlives a mistake in the spec.
      return refused ? { ...refused, ...keptNodes(cluster) } : provision(this.#deps.provisioner, writer);
    }
    const nodes = namedNodes(cluster);
    try {
      const target = await this.#deps.targets.read(cluster);
      return { ...(invalid(cluster) ?? (await this.#reach(cluster, target))), nodes };
    } catch (error) {
      const { terminal, ...problem } = problemOf(error);
      // A Secret may be mended without our noticing, the spec may not.
      const isSpec = cluster.spec.kubeconfig !== undefined;
      return { ...pending(problem, terminal, isSpec ? undefined : KUBECONFIG_RETRY_MS), nodes };
    }
  }

  /** A target that has never been ready for plugins is probed first; later, whoever starts something does. */
  async #reach(cluster: VirtualCluster, target: Target): Promise<Provisioned> {
    const ready: Provisioned = { stage: { kind: 'ready' }, target, requeueAfterMs: [] };
    if (cluster.spec.suspend || wasEquipped(cluster)) return ready;
    try {
      await this.#deps.targets.probe(target);
      return ready;
    } catch (error) {
      const { terminal: _, ...problem } = problemOf(error);
      return { stage: { kind: 'preparing', problem }, requeueAfterMs: [TARGET_RETRY_MS] };
    }
  }
}

const pending = (problem: Problem, terminal: boolean, retryMs?: number): Provisioned => ({
  stage: { kind: 'pending', problem, terminal },
  requeueAfterMs: [retryMs],
});

/** The webhook's own checks: it may have been away when the cluster was applied. */
function invalid(cluster: VirtualCluster): Provisioned | undefined {
  const { errors } = validateCluster(cluster);
  const [first] = errors;
  if (first === undefined) return undefined;
  return pending({ reason: first.reason ?? 'InvalidSpec', message: describeProblems(errors) }, true);
}
