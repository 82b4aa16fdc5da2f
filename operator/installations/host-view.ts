import { CATALOGUE_NAMESPACE, installationName, LABEL } from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import { resolvePluginSet } from '#api/plugin-set.ts';
import type { Clock } from '#kube/clock.ts';
import { type KubeObject, keyOf } from '#kube/resource.ts';
import type { Job, Pod } from '#kube/resources.ts';
import { isFinished } from '#operator/executor-jobs/jobs.ts';
import { AssumeCache } from '#operator/host/assume-cache.ts';
import { BY_CLUSTER, type Caches, pluginsFor } from '#operator/host/caches.ts';
import type { HoldInput } from './hold-input.ts';
import { leftoversOf } from './leftovers.ts';
import { isSameSpec, presentSpec } from './present-spec.ts';
import { siblingsOf } from './siblings.ts';
import { outcomeOf } from './state.ts';

/** What the controller knows of the host without asking: the caches, and its own writes that they have not seen yet. */
export class HostView {
  readonly jobs: AssumeCache<Job>;
  readonly installations: AssumeCache<PluginInstallation>;
  readonly #caches: Caches;
  /** The resourceVersion of the last status that was written, by installation. */
  readonly #statusVersions = new Map<string, string | undefined>();

  constructor(caches: Caches, clock: Clock) {
    this.#caches = caches;
    this.jobs = new AssumeCache(clock);
    this.installations = new AssumeCache(clock);
    caches.jobs.onChange(({ type, object }) => type === 'deleted' && this.jobs.forget(object));
    caches.installations.onChange(({ type, object }) => {
      if (type !== 'deleted') return;
      this.installations.forget(object);
      this.#statusVersions.delete(keyOf(object));
    });
  }

  installation(key: string): PluginInstallation | undefined {
    return this.installations.pick(key, this.#caches.installations.cache.byKey(key));
  }

  /** The VirtualCluster of an installation; undefined when it is gone, or another one has its name now. */
  clusterOf({ metadata, spec }: PluginInstallation): VirtualCluster | undefined {
    const { namespace, labels } = metadata;
    const cluster = this.#caches.clusters.cache.get({ namespace, name: spec.clusterRef.name });
    const isSame = cluster?.metadata.uid === labels?.[LABEL.clusterUid];
    return cluster && isSame && isInstallationOf(cluster)({ metadata, spec }) ? cluster : undefined;
  }

  /** The plugin of an installation: of its own namespace or the catalogue, as those of a plugin set. */
  plugin({ metadata, spec: { pluginRef } }: PluginInstallation): VirtualClusterPlugin | undefined {
    const isAllowed =
      pluginRef.namespace === metadata.namespace || pluginRef.namespace === CATALOGUE_NAMESPACE;
    return isAllowed ? this.#caches.plugins.cache.get(pluginRef) : undefined;
  }

  /** Its installations by name, not by label alone: a label is whatever its writer likes. */
  installationsOf(cluster: VirtualCluster): PluginInstallation[] {
    const { uid } = cluster.metadata;
    const labelled = this.#caches.installations.cache.byIndex(BY_CLUSTER, uid);
    return this.installations.pickAll(labelled, isOf(uid)).filter(isInstallationOf(cluster));
  }

  jobsOf({ metadata: { uid } }: VirtualCluster): Job[] {
    return this.jobs.pickAll(this.#caches.jobs.cache.byIndex(BY_CLUSTER, uid), isOf(uid));
  }

  podsOf({ metadata: { uid } }: VirtualCluster): Pod[] {
    return this.#caches.pods.cache.byIndex(BY_CLUSTER, uid);
  }

  /** Jobs of the cluster that run: what a pod has reported counts before its Job says so. */
  activeJobs(cluster: VirtualCluster): Job[] {
    const pods = this.podsOf(cluster);
    return this.jobsOf(cluster).filter((job) => {
      if (job.spec.suspend || isFinished(job) || job.metadata.deletionTimestamp) return false;
      const { kind } = outcomeOf({ pods }, job);
      return kind === 'running' || kind === 'retrying';
    });
  }

  /** All plugins of the cluster, as they stand to each other. */
  siblings(cluster: VirtualCluster): Pick<HoldInput, 'siblings' | 'leftovers' | 'setProblems'> {
    const set = this.#pluginSet(cluster);
    const plugins = set.wanted.map(({ plugin }) => plugin);
    const installations = this.installationsOf(cluster);
    const siblings = siblingsOf({ cluster, plugins, installations, jobs: this.jobsOf(cluster) });
    const leftovers = leftoversOf(installations, new Set(plugins.map(({ metadata }) => metadata.name)));
    return { siblings, leftovers, setProblems: set.problems };
  }

  /** Whether the spec says what the plugin set asks for: somebody else may have written it. */
  isAsked(cluster: VirtualCluster, { spec }: PluginInstallation): boolean {
    const wanted = this.#pluginSet(cluster).wanted.find(
      ({ plugin: { metadata } }) => metadata.name === spec.pluginRef.name,
    );
    return wanted !== undefined && isSameSpec(spec, presentSpec(cluster, wanted));
  }

  #pluginSet({ metadata: { namespace }, spec }: VirtualCluster) {
    return resolvePluginSet(spec, namespace, pluginsFor(this.#caches, namespace));
  }

  /** Notes a status that the controller of installations has written. */
  noteStatus(installation: PluginInstallation): void {
    this.installations.note(installation);
    this.#statusVersions.set(keyOf(installation), installation.metadata.resourceVersion);
  }

  /** Whether the object is as that controller has left it: it has nothing new to learn from it. */
  isOwnStatus(installation: PluginInstallation): boolean {
    return this.#statusVersions.get(keyOf(installation)) === installation.metadata.resourceVersion;
  }
}

const isOf =
  (clusterUid: string) =>
  ({ metadata }: KubeObject) =>
    metadata.labels?.[LABEL.clusterUid] === clusterUid;

/** Whether an installation has the name and the place that the operator gives to those of the cluster. */
export const isInstallationOf =
  ({ metadata: { namespace, name } }: VirtualCluster) =>
  ({ metadata, spec }: Pick<PluginInstallation, 'metadata' | 'spec'>): boolean =>
    metadata.namespace === namespace &&
    spec.clusterRef.name === name &&
    metadata.name === installationName(name, spec.pluginRef.name);
