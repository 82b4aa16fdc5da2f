import { LABEL } from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster } from '#api/kinds/objects.ts';
import { resolvePluginSet } from '#api/plugin-set.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreAlreadyExists, ignoreNotFound } from '#kube/errors.ts';
import { pluginInstallations } from '#kube/resources.ts';
import type { Caches } from '#operator/host/caches.ts';
import { pluginsFor } from '#operator/host/caches.ts';
import type { HostView } from '#operator/installations/host-view.ts';
import { planInstallations } from './plan-installations.ts';
import { type Part, project } from './project.ts';

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

  /** Makes the specs of the installations say what the plugin set asks for. @throws ApiError a conflict among them */
  async sync(cluster: VirtualCluster): Promise<void> {
    const { client, view, betweenWrites } = this.#deps;
    const { create, update } = planInstallations({
      cluster,
      ...this.#pluginSet(cluster),
      existing: this.#deps.view.installationsOf(cluster),
    });
    await Promise.all([
      ...create.map(async (draft) => {
        const created = await ignoreAlreadyExists(client.create(pluginInstallations, draft));
        if (created) view.installations.note(created);
        betweenWrites?.('installation');
      }),
      ...update.map(async ({ installation: { metadata }, spec }) => {
        // A JSON patch replaces the spec: a merge would keep values that were removed.
        const patch = [
          { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
          { op: 'replace', path: '/spec', value: spec },
        ];
        const written = client.patch(pluginInstallations, metadata, patch, { form: 'json' });
        const updated = await ignoreNotFound(written);
        if (updated) view.installations.note(updated);
        betweenWrites?.('installation');
      }),
    ]);
  }

  /** The plugins of the cluster as their installations show them. */
  parts(cluster: VirtualCluster): Part[] {
    const installations = this.#deps.view.installationsOf(cluster);
    return project({ cluster, ...this.#pluginSet(cluster), installations });
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
