import { canonicalJson } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import { type Problem, problemOf } from '#api/problem.ts';
import type { Access } from '#operator/access/cluster-access.ts';
import { type Targets, UNKNOWN_UID } from '#operator/access/target.ts';

/** How soon a target that did not answer is asked again. */
export const TARGET_RETRY_MS = 4_000;

/** `uid` is undefined while the target has never been reached; `access` is by the newest kubeconfig that is known. */
export type Reached = { uid: string | undefined; problem?: Problem; access: Access };

/** Which cluster a target is, whether it answers, and how it is reached. */
export class TargetReach {
  readonly #deps: { targets: Targets; clock: { now: () => number } };
  /** Targets that did not answer, by the uid of their cluster: asked again a while after the last try has ended. */
  readonly #unreachable = new Map<string, { problem: Problem; until: number }>();

  constructor(deps: { targets: Targets; clock: { now: () => number } }) {
    this.#deps = deps;
  }

  /** A target that does not answer is taken for the one that it was. */
  async identify(
    cluster: VirtualCluster,
    access: Access,
    { installed, installing }: PluginInstallationStatus,
  ): Promise<Reached> {
    const { uid: key } = cluster.metadata;
    const recordedUid = installing?.targetUid ?? installed?.targetUid;
    const known = this.#unreachable.get(key);
    if (known && known.until > this.#deps.clock.now()) {
      return { uid: recordedUid, problem: known.problem, access };
    }
    if (cluster.spec.suspend && recordedUid !== undefined) return { uid: recordedUid, access };
    try {
      const { uid, by } = await this.#probe(cluster, access);
      this.#unreachable.delete(key);
      return { uid: uid === UNKNOWN_UID && recordedUid !== undefined ? recordedUid : uid, access: by };
    } catch (error) {
      const { terminal: _, ...problem } = problemOf(error);
      this.#unreachable.set(key, { problem, until: this.#deps.clock.now() + TARGET_RETRY_MS });
      return { uid: recordedUid, problem, access };
    }
  }

  /** A kubeconfig in a Secret may have been replaced since the cluster was looked at. */
  async newest(cluster: VirtualCluster, access: Access): Promise<Access> {
    if (access.tenant) return access;
    // What is wrong with it is said by the cluster.
    const target = await this.#deps.targets.read(cluster).catch(() => access.target);
    return { ...access, target };
  }

  /** Once more with the newest kubeconfig when the known one fails. */
  async #probe(cluster: VirtualCluster, access: Access): Promise<{ uid: string; by: Access }> {
    const { targets } = this.#deps;
    try {
      return { ...(await targets.probe(access.target)), by: access };
    } catch (error) {
      const by = await this.newest(cluster, access);
      if (canonicalJson(by.target) === canonicalJson(access.target)) throw error;
      return { ...(await targets.probe(by.target)), by };
    }
  }
}
