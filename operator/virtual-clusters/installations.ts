import { LABEL } from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster } from '#api/kinds/objects.ts';
import type { PluginInstallationSpec } from '#api/kinds/plugininstallation.ts';
import { resolvePluginSet } from '#api/plugin-set.ts';
import type { Problem } from '#api/problem.ts';
import type { Draft, KubeClient } from '#kube/client.ts';
import { ApiError, ignoreAlreadyExists, ignoreNotFound, isConflict } from '#kube/errors.ts';
import { pluginInstallations } from '#kube/resources.ts';
import type { Caches } from '#operator/host/caches.ts';
import { pluginsFor } from '#operator/host/caches.ts';
import { type HostView, isInstallationOf } from '#operator/installations/host-view.ts';
import { planInstallations } from './plan-installations.ts';
import { type Part, project } from './project.ts';
import { nameTaken, notWritten, type Unwritten } from './unwritten.ts';

export type ClusterInstallationsDependencies = {
  client: KubeClient;
  caches: Caches;
  /** Shared with the controller of installations: what either has written, both know. */
  view: HostView;
  betweenWrites?: ((after: string) => void) | undefined;
};

/** The installations of a VirtualCluster, as its plugin set asks for them and as its status shows them. */
export class ClusterInstallations {
  readonly #deps: ClusterInstallationsDependencies;

  constructor(deps: ClusterInstallationsDependencies) {
    this.#deps = deps;
  }

  /**
   * Makes the specs of the installations say what the plugin set asks for. One that can't be written is in the answer
   * and keeps none of the others back.
   * @throws ApiError a conflict among them
   */
  async sync(cluster: VirtualCluster): Promise<Unwritten> {
    const { create, update } = planInstallations({
      cluster,
      ...this.#pluginSet(cluster),
      existing: this.#deps.view.installationsOf(cluster),
    });
    const unwritten = new Map<string, Problem>();
    const writes = [
      ...create.map((draft) => ({ of: draft, write: () => this.#create(cluster, draft) })),
      ...update.map(({ installation, spec }) => ({
        of: installation,
        write: () => this.#update(installation, spec),
      })),
    ];
    const results = await Promise.allSettled(writes.map(({ write }) => write()));
    for (const [i, result] of results.entries()) {
      const { metadata, spec } = writes[i]?.of ?? {};
      const problem =
        result.status === 'fulfilled' ? result.value : notWritten({ name: '', ...metadata }, result.reason);
      if (result.status === 'rejected' && (isConflict(result.reason) || !(result.reason instanceof ApiError)))
        throw result.reason;
      if (problem && spec) unwritten.set(spec.pluginRef.name, problem);
    }
    return unwritten;
  }

  async #create(cluster: VirtualCluster, draft: Draft<PluginInstallation>): Promise<Problem | undefined> {
    const { client, view, betweenWrites } = this.#deps;
    const created = await ignoreAlreadyExists(client.create(pluginInstallations, draft));
    betweenWrites?.('installation');
    if (created) {
      view.installations.note(created);
      return undefined;
    }
    // Ours of before a kill, which the cache has not seen yet, or somebody's.
    const { namespace, name = '' } = draft.metadata;
    const found = await ignoreNotFound(client.get(pluginInstallations, { namespace, name }));
    if (found === undefined) return undefined;
    const isOurs =
      found.metadata.labels?.[LABEL.clusterUid] === cluster.metadata.uid && isInstallationOf(cluster)(found);
    if (!isOurs) return nameTaken(found.metadata, cluster);
    view.installations.note(found);
    return undefined;
  }

  async #update({ metadata }: PluginInstallation, spec: PluginInstallationSpec): Promise<undefined> {
    const { client, view, betweenWrites } = this.#deps;
    // A JSON patch replaces the spec: a merge would keep values that were removed.
    const patch = [
      { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
      { op: 'replace', path: '/spec', value: spec },
    ];
    const written = client.patch(pluginInstallations, metadata, patch, { form: 'json' });
    const updated = await ignoreNotFound(written);
    if (updated) view.installations.note(updated);
    betweenWrites?.('installation');
  }

  /** The plugins of the cluster as their installations show them. */
  parts(cluster: VirtualCluster, unwritten: Unwritten = new Map()): Part[] {
    const installations = this.#deps.view.installationsOf(cluster);
    return project({ cluster, ...this.#pluginSet(cluster), installations, unwritten });
  }

  /** Deletes all of them: true once none is left. What they have installed stays in the target. */
  async remove(cluster: VirtualCluster): Promise<boolean> {
    const { client } = this.#deps;
    const left: PluginInstallation[] = await this.#list(cluster);
    const untouched = left.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    await Promise.all(
      untouched.map(({ metadata }) => ignoreNotFound(client.delete(pluginInstallations, metadata))),
    );
    return left.length === 0;
  }

  /** Live: nothing may be left behind because a cache has not seen it. */
  async #list({ metadata }: VirtualCluster): Promise<PluginInstallation[]> {
    const { namespace, uid } = metadata;
    const labelSelector = `${LABEL.clusterUid}=${uid}`;
    const options = { namespace, labelSelector, metadataOnly: true };
    return (await this.#deps.client.list(pluginInstallations, options)).items;
  }

  #pluginSet(cluster: VirtualCluster) {
    const { namespace } = cluster.metadata;
    return resolvePluginSet(cluster.spec, namespace, pluginsFor(this.#deps.caches, namespace));
  }
}
