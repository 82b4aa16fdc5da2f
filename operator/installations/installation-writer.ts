import { FINALIZER } from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { pluginInstallations } from '#kube/resources.ts';
import { isSameStatus, statusPatch } from '#operator/host/status-patch.ts';
import { buildStatus } from './build-status.ts';
import type { PlannedStatus } from './observation.ts';
import { stepDelayMs } from './step-delay.ts';

export type InstallationWriterDependencies = {
  client: KubeClient;
  clock: Clock;
  /** Called with every status that was written, before anything else. */
  noteStatus: (installation: PluginInstallation) => void;
  /** Called after every status that was written. */
  onStatus: (
    cluster: VirtualCluster,
    installation: PluginInstallation,
    before: PluginInstallationStatus | undefined,
  ) => void;
  betweenWrites?: ((after: string) => void) | undefined;
};

/** What a status describes: the objects that were decided on. */
export type Subject = { cluster: VirtualCluster; plugin: VirtualClusterPlugin | undefined };

/**
 * One installation during one reconcile, and all that is written of it. Every write carries the resourceVersion that
 * was decided on: when the object has changed since, it is a conflict and the decision is made again.
 */
export class InstallationWriter {
  readonly #deps: InstallationWriterDependencies;
  readonly #subject: Subject;
  #installation: PluginInstallation;

  constructor(deps: InstallationWriterDependencies, subject: Subject, installation: PluginInstallation) {
    this.#deps = deps;
    this.#subject = subject;
    this.#installation = installation;
  }

  /** The object as last written. */
  get installation(): PluginInstallation {
    return this.#installation;
  }

  /**
   * Writes the status where it differs from what is there. A difference that can wait is left: the answer is for how
   * many milliseconds.
   */
  async write(planned: PlannedStatus): Promise<number | undefined> {
    const { metadata, status: before } = this.#installation;
    const now = this.#deps.clock.now();
    const status = buildStatus(this.#installation, this.#subject, planned, now);
    if (isSameStatus(before, status)) return undefined;
    const delayMs = stepDelayMs(before, status, now);
    if (delayMs > 0) return delayMs;
    const patch = statusPatch(this.#installation, status);
    const written = await this.#deps.client.patch(pluginInstallations, metadata, patch, {
      subresource: 'status',
    });
    this.#installation = written;
    this.#deps.noteStatus(written);
    this.#deps.betweenWrites?.('installation status');
    this.#deps.onStatus(this.#subject.cluster, written, before);
    return undefined;
  }
}

/** Lets the installation go; the object may be gone with it. */
export async function removeFinalizer(client: KubeClient, { metadata }: PluginInstallation): Promise<void> {
  const { finalizers = [], resourceVersion } = metadata;
  const change = { resourceVersion, finalizers: finalizers.filter((name) => name !== FINALIZER) };
  await ignoreNotFound(client.patch(pluginInstallations, metadata, { metadata: change }));
}
