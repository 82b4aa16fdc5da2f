import { FINALIZER } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus, VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { virtualClusters } from '#kube/resources.ts';
import type { AssumeCache } from '#operator/host/assume-cache.ts';
import { isSameStatus, statusPatch } from '#operator/host/status-patch.ts';
import { buildStatus } from './build-status.ts';
import type { Pace } from './pace.ts';

export type ClusterWriterDependencies = {
  client: KubeClient;
  clock: Clock;
  written: AssumeCache<VirtualCluster>;
  pace: Pace;
  /** Told of every status that was written. */
  onStatus: (cluster: VirtualCluster, before: VirtualClusterStatus | undefined) => void;
  betweenWrites?: ((after: string) => void) | undefined;
};

const DELETION = {
  Deleting:
    'the objects that Pinion created for this cluster are being removed; plugins in an existing cluster stay installed',
  AllNodeDeleted: 'all nodes are back in the host; the control plane is being removed',
};
const STATUS = { subresource: 'status' } as const;

/**
 * One VirtualCluster during one reconcile, and all that is written of it. Every write is made on the version that
 * was decided on: a newer object is a conflict, and is decided on anew.
 */
export class ClusterWriter {
  readonly #deps: ClusterWriterDependencies;
  #cluster: VirtualCluster;
  /** The end of the last write of the journal. */
  #recorded: Promise<void> = Promise.resolve();

  constructor(deps: ClusterWriterDependencies, cluster: VirtualCluster) {
    this.#deps = deps;
    this.#cluster = cluster;
  }

  /** The object as last written. */
  get cluster(): VirtualCluster {
    return this.#cluster;
  }

  /** Before anything of ours is made, so that nothing of it can be left behind. */
  async addFinalizer(): Promise<void> {
    const { finalizers = [], resourceVersion } = this.#cluster.metadata;
    if (finalizers.includes(FINALIZER)) return;
    const metadata = { resourceVersion, finalizers: [...finalizers, FINALIZER] };
    this.#note(await this.#deps.client.patch(virtualClusters, this.#cluster.metadata, { metadata }));
    this.#deps.betweenWrites?.('finalizer');
  }

  /** The object may be gone with it. */
  async removeFinalizer(): Promise<void> {
    const { finalizers = [], resourceVersion } = this.#cluster.metadata;
    const metadata = { resourceVersion, finalizers: finalizers.filter((one) => one !== FINALIZER) };
    await ignoreNotFound(this.#deps.client.patch(virtualClusters, this.#cluster.metadata, { metadata }));
  }

  /** The journal of nodes: these entries replace those of the same names, the others stay. One after the other. */
  record(entries: readonly NodeStatus[]): Promise<void> {
    const recorded = this.#recorded.then(() => this.#record(entries));
    this.#recorded = recorded.catch(() => undefined);
    return recorded;
  }

  async #record(entries: readonly NodeStatus[]): Promise<void> {
    const before = this.#cluster.status ?? {};
    const names = new Set(entries.map(({ name }) => name));
    const others = (before.nodes ?? []).filter(({ name }) => !names.has(name));
    await this.#write({ ...before, nodes: [...others, ...entries] });
  }

  /** The whole status, once a reconcile has judged. What can wait is left: the answer is for how many milliseconds. */
  async writeFindings(found: Parameters<typeof buildStatus>[2]): Promise<number | undefined> {
    const status = buildStatus(this.#cluster, this.#deps.clock.now(), found);
    const { uid } = this.#cluster.metadata;
    const waitMs = this.#deps.pace.waitMs(uid, this.#cluster.status, status);
    if (waitMs > 0 && !isSameStatus(this.#cluster.status, status)) return waitMs;
    await this.#write(status);
    return undefined;
  }

  /** What is said while a cluster is being deleted. */
  async writeDeletion(
    phase: 'Deleting' | 'AllNodeDeleted',
    { problem, nodes }: { problem?: Problem | undefined; nodes?: NodeStatus[] | undefined } = {},
  ): Promise<void> {
    const said = problem ?? { reason: phase, message: DELETION[phase] };
    const assessment = { phase, ...said, ready: false, reconciling: true, stalled: false };
    const { plugins = [], nodes: recorded } = this.#cluster.status ?? {};
    await this.writeFindings({ assessment, plugins, nodes: nodes ?? recorded });
  }

  async #write(status: VirtualClusterStatus): Promise<void> {
    const { status: before, metadata } = this.#cluster;
    if (isSameStatus(before, status)) return;
    const patch = statusPatch(this.#cluster, status);
    this.#note(await this.#deps.client.patch(virtualClusters, metadata, patch, STATUS));
    this.#deps.pace.wrote(metadata.uid);
    this.#deps.betweenWrites?.('status');
    this.#deps.onStatus(this.#cluster, before);
  }

  #note(cluster: VirtualCluster): void {
    this.#cluster = cluster;
    this.#deps.written.note(cluster);
  }
}
