import { EXECUTOR_COMPONENT, LABEL } from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster } from '#api/kinds/objects.ts';
import { ignoreNotFound, ignoreStale } from '#kube/errors.ts';
import type { Occurrence } from '#kube/event-recorder.ts';
import { type Job, pluginInstallations, virtualClusters } from '#kube/resources.ts';
import { earliest, type Outcome } from '#kube/work-queue.ts';
import type { ClusterAccess } from '#operator/access/cluster-access.ts';
import { deleteJob } from '#operator/executor-jobs/execute.ts';
import { isJobOf, podsOf } from '#operator/executor-jobs/jobs.ts';
import { endKeptPod, keptPods, shownContainers } from '#operator/executor-jobs/kept-pods.ts';
import type { Caches } from '#operator/host/caches.ts';
import { forceDeleteStuckPods } from '#operator/host/gone-node.ts';
import { planAbsent } from './absent.ts';
import { HostView } from './host-view.ts';
import {
  InstallationWriter,
  type InstallationWriterDependencies,
  removeFinalizer,
} from './installation-writer.ts';
import { heirOf } from './leftovers.ts';
import { type PresentDependencies, PresentInstallations } from './present.ts';
import { waiting } from './status.ts';
import { legacyEntry, legacyStatus } from './takeover.ts';

export type InstallationDependencies = PresentDependencies &
  Omit<InstallationWriterDependencies, 'noteStatus'> & {
    caches: Caches;
    access: ClusterAccess;
    /** Called with what users are to know besides the status. */
    onEvent: (cluster: VirtualCluster, event: Occurrence) => void;
  };

const LOOK_AGAIN_MS = 500;

/** Brings one installation a step on its way: observe, decide, act, and one status write at the end. */
export class InstallationReconciler {
  readonly view: HostView;
  readonly #deps: InstallationDependencies & InstallationWriterDependencies;
  readonly #present: PresentInstallations;

  constructor(deps: InstallationDependencies) {
    this.view = new HostView(deps.caches, deps.clock);
    this.#deps = { ...deps, noteStatus: (installation) => this.view.noteStatus(installation) };
    this.#present = new PresentInstallations(this.#deps, this.view);
  }

  async reconcile(key: string): Promise<Outcome> {
    const installation = this.view.installation(key);
    if (installation === undefined) return {};
    const cluster = this.view.clusterOf(installation);
    if (installation.metadata.deletionTimestamp) return this.#finalize(installation, cluster);
    if (cluster === undefined) return this.#collect(installation);
    // It deletes its installations itself, once nothing of them runs any more.
    if (cluster.metadata.deletionTimestamp) return {};
    return installation.spec.state === 'Absent'
      ? this.#reconcileAbsent(installation, cluster)
      : this.#reconcilePresent(installation, cluster);
  }

  async #reconcilePresent(installation: PluginInstallation, cluster: VirtualCluster): Promise<Outcome> {
    const access = this.#deps.access.of(cluster.metadata.uid);
    if (access === undefined) return {};
    const plugin = this.view.plugin(installation);
    const writer = new InstallationWriter(this.#deps, { cluster, plugin }, installation);
    if (plugin === undefined || plugin.metadata.deletionTimestamp) {
      const { name } = installation.spec.pluginRef;
      const recorded = installation.status ?? legacyStatus(legacyEntry(cluster, name), undefined);
      await writer.write(waiting(recorded, pluginNotFound(installation)).status);
      return {};
    }
    // Whoever wrote it: the controller of VirtualClusters sets it right, and until then nothing is started of it.
    if (!this.view.isAsked(cluster, installation)) return {};
    const { status, requeueAfterMs, error } = await this.#present.reconcile({
      cluster,
      plugin,
      access,
      writer,
    });
    const writeMs = await writer.write(status);
    const stuckMs = cluster.spec.suspend ? undefined : await this.#removeStuckPods(installation, cluster);
    // The status says what went wrong; thrown on, it is retried with the back-off of this name.
    if (error !== undefined) throw error;
    const keptMs = cluster.spec.suspend ? undefined : await this.#endKeptPods(writer.installation, cluster);
    return { requeueAfterMs: earliest(requeueAfterMs, stuckMs, keptMs, writeMs) };
  }

  async #reconcileAbsent(installation: PluginInstallation, cluster: VirtualCluster): Promise<Outcome> {
    const { pluginRef } = installation.spec;
    const plugin = this.view.plugin(installation);
    const entry = installation.status ? undefined : legacyEntry(cluster, pluginRef.name);
    const recorded = installation.status ?? legacyStatus(entry, plugin);
    const jobs = this.#jobsOf(installation, cluster);
    const { namespace, name } = cluster.metadata;
    const plan = planAbsent({
      plugin: pluginRef,
      cluster: { namespace, name },
      recorded,
      heir: heirOf(
        pluginRef.name,
        recorded.installed ?? recorded.installing,
        this.view.installationsOf(cluster),
      ),
      jobs,
      pods: podsOf(this.view.podsOf(cluster), jobs),
    });
    if (!plan.gone) {
      await new InstallationWriter(this.#deps, { cluster, plugin }, installation).write(plan.status);
    }
    if (cluster.spec.suspend) return {};
    for (const act of plan.acts) {
      if (act.kind === 'delete') await this.#deleteJob(act.job);
    }
    if (plan.gone) await this.#delete(installation);
    const stuckMs = await this.#removeStuckPods(installation, cluster);
    return stuckMs === undefined ? {} : { requeueAfterMs: stuckMs };
  }

  async #deleteJob(job: Job): Promise<void> {
    await deleteJob(this.#deps, job);
    this.view.jobs.forget(job);
  }

  /** Nothing is done in the target: with the object goes the record of what is there. */
  async #finalize(installation: PluginInstallation, cluster: VirtualCluster | undefined): Promise<Outcome> {
    if (cluster !== undefined && !cluster.metadata.deletionTimestamp) {
      const active = new Set(this.view.activeJobs(cluster));
      const isRunning = this.#jobsOf(installation, cluster).some((job) => active.has(job));
      if (isRunning) {
        const stuckMs = await this.#removeStuckPods(installation, cluster);
        return { requeueAfterMs: stuckMs ?? LOOK_AGAIN_MS };
      }
    }
    await removeFinalizer(this.#deps.client, installation);
    this.view.installations.forget(installation);
    return {};
  }

  /** The VirtualCluster went without its installations: somebody took its finalizer away. */
  async #collect(installation: PluginInstallation): Promise<Outcome> {
    const { namespace } = installation.metadata;
    const { name } = installation.spec.clusterRef;
    const cluster = await ignoreNotFound(this.#deps.client.get(virtualClusters, { namespace, name }));
    // Another operator may work on it, which selects other clusters.
    const uid = installation.metadata.labels?.[LABEL.clusterUid];
    if (uid === undefined || cluster?.metadata.uid !== uid) await this.#delete(installation);
    return {};
  }

  async #delete({ metadata }: PluginInstallation): Promise<void> {
    const { uid } = metadata;
    await ignoreStale(this.#deps.client.delete(pluginInstallations, metadata, { preconditions: { uid } }));
  }

  #jobsOf({ spec }: PluginInstallation, cluster: VirtualCluster) {
    return this.view.jobsOf(cluster).filter((job) => isJobOf(job, spec.pluginRef));
  }

  /** A sidecar that somebody injected never ends, and so neither would the pod. */
  async #endKeptPods(installation: PluginInstallation, cluster: VirtualCluster): Promise<number | undefined> {
    const jobs = this.#jobsOf(installation, cluster);
    const kept = keptPods({
      jobs,
      pods: podsOf(this.view.podsOf(cluster), jobs),
      installed: installation.status?.installed,
      now: this.#deps.clock.now(),
    });
    for (const one of kept.filter(({ inMs }) => inMs === 0)) {
      await endKeptPod(this.#deps, one);
      if (one.isDone) this.view.jobs.forget(one.job);
      const { name } = installation.spec.pluginRef;
      const what = one.isDone ? 'its Job was deleted' : 'the pod was deleted';
      this.#deps.onEvent(cluster, {
        type: 'Warning',
        reason: 'ForeignContainer',
        message: `plugin ${name}: ${shownContainers(one.containers)} kept pod ${one.pod.metadata.name} running after its executor had ended, so ${what}; exclude executor pods (label ${LABEL.component}: ${EXECUTOR_COMPONENT}) from what injects it`,
      });
    }
    return earliest(...kept.filter(({ inMs }) => inMs > 0).map(({ inMs }) => inMs));
  }

  #removeStuckPods(installation: PluginInstallation, cluster: VirtualCluster): Promise<number | undefined> {
    const pods = podsOf(this.view.podsOf(cluster), this.#jobsOf(installation, cluster));
    return forceDeleteStuckPods(this.#deps, pods, this.#deps.clock.now());
  }
}

function pluginNotFound({ spec }: PluginInstallation) {
  const { namespace, name } = spec.pluginRef;
  return {
    reason: 'PluginNotFound',
    message: `VirtualClusterPlugin ${namespace}/${name} does not exist; create it, or remove it from pluginSet.enabled`,
  };
}
