import { LABEL } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { problemOf } from '#api/problem.ts';
import { describeProblems, validateCluster } from '#api/validation/index.ts';
import type { Outcome } from '#kube/work-queue.ts';
import { controlPlaneOf } from '#operator/access/source.ts';
import { AssumeCache } from '#operator/host/assume-cache.ts';
import { type EquipDependencies, Equipper, unequipped } from '#operator/installations/plugins-reconciler.ts';
import { assess } from './assess.ts';
import { ClusterWriter } from './cluster-writer.ts';
import { finalize } from './finalize.ts';
import { namedNodes } from './named-nodes.ts';
import { keptNodes, type Provisioned, type Provisioner, provision } from './provision.ts';

export type ReconcileDependencies = EquipDependencies & {
  provisioner: Provisioner;
  /** Told of every status that was written. */
  onStatus: (cluster: VirtualCluster, before: VirtualClusterStatus | undefined) => void;
};

const KUBECONFIG_RETRY_MS = 3_000;

/** Brings one VirtualCluster a step on its way: observe, plan, act, and one status write at the end. */
export class ClusterReconciler {
  readonly #deps: ReconcileDependencies;
  readonly #clusters: AssumeCache<VirtualCluster>;
  readonly #equipper: Equipper;

  constructor(deps: ReconcileDependencies) {
    this.#deps = deps;
    this.#equipper = new Equipper(deps);
    this.#clusters = new AssumeCache(deps.clock);
    deps.caches.clusters.onChange(({ type, object }) => type === 'deleted' && this.#clusters.forget(object));
  }

  async reconcile(key: string): Promise<Outcome> {
    const found = this.#clusters.pick(key, this.#deps.caches.clusters.cache.byKey(key));
    if (!found) return {};
    const writer = new ClusterWriter({ ...this.#deps, written: this.#clusters }, found);
    if (found.metadata.deletionTimestamp) return finalize(this.#deps, writer);
    await writer.addFinalizer();
    const located = await this.#locate(writer);
    const { stage, target, tenant } = located;
    const equipped = target
      ? await this.#equipper.equip(writer.cluster, { stage, target, tenant })
      : unequipped(writer.cluster, stage);
    const { parts } = equipped;
    const assessment = assess(equipped.stage, parts, found.spec.suspend === true);
    await writer.writeFindings({ ...located, assessment, plugins: parts.map(({ status }) => status) });
    // The status says what went wrong; thrown on, it is tried again with the back-off of this name.
    const failed = parts.find(({ error }) => error !== undefined);
    if (failed) throw failed.error;
    const delays = [...equipped.requeueAfterMs, ...located.requeueAfterMs];
    return { requeueAfterMs: earliest([...delays, ...parts.map((part) => part.requeueAfterMs)]) };
  }

  /** The cluster that is to be equipped: the user's own, or one that is brought up here. */
  async #locate(writer: ClusterWriter): Promise<Provisioned> {
    const { cluster } = writer;
    if (controlPlaneOf(cluster).kind === 'managed') {
      const refused = invalid(cluster);
      // The journal of its nodes outlives a mistake in the spec.
      return refused ? { ...refused, ...keptNodes(cluster) } : provision(this.#deps.provisioner, writer);
    }
    const nodes = namedNodes(cluster);
    try {
      const target = await this.#deps.targets.read(cluster);
      return { ...(invalid(cluster) ?? { stage: { kind: 'ready' }, target, requeueAfterMs: [] }), nodes };
    } catch (error) {
      const { terminal, ...problem } = problemOf(error);
      // A Secret may be mended without our noticing, the spec may not.
      const isSpec = cluster.spec.kubeconfig !== undefined;
      return { ...pending(problem, terminal, isSpec ? undefined : KUBECONFIG_RETRY_MS), nodes };
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
