import { gzipSync } from 'node:zlib';
import { ANNOTATION, EXECUTOR_COMPONENT, GROUP, LABEL } from '#api/contract/names.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreAlreadyExists, ignoreNotFound } from '#kube/errors.ts';
import { objectKey } from '#kube/resource.ts';
import { type ConfigMap, configMaps, type Pod } from '#kube/resources.ts';

/** Logs that are kept of one plugin of one cluster. */
const KEPT = 5;
/** The pod whose log it is. */
const POD_ANNOTATION = `${GROUP}/pod`;
const ATTEMPT_ANNOTATION = `${GROUP}/attempt`;

/** What such a ConfigMap is named and found by. */
type Kept = { metadata: Pick<ConfigMap['metadata'], 'name'> & Partial<ConfigMap['metadata']> };

/**
 * The ConfigMaps `<job>-<attempt>` in which logs are kept. Those of a cluster are listed once and known from then on:
 * only the leader writes them.
 */
export class KeptLogs {
  readonly #client: KubeClient;
  /** By uid of the cluster. */
  readonly #known = new Map<string, Promise<Kept[]>>();
  /** Names that something else has. */
  readonly #taken = new Set<string>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** The cluster is gone. */
  forget(clusterUid: string): void {
    this.#known.delete(clusterUid);
  }

  async has(pod: Pod): Promise<boolean> {
    const all = await this.#of(pod);
    return all.some(({ metadata }) => metadata.annotations?.[POD_ANNOTATION] === pod.metadata.name);
  }

  /** Keeps the texts as the next attempt of the Job. False when its name is taken: the next try has another. */
  async save(pod: Pod, job: string, texts: Record<string, string>): Promise<boolean> {
    const all = await this.#of(pod);
    const draft = this.#draft(pod, job, all);
    // Known before it is there: another attempt of the Job may be kept at the same time.
    all.push(draft);
    const created = await ignoreAlreadyExists(
      this.#client.create(configMaps, { ...draft, binaryData: compressed(texts) }),
    ).catch((error: unknown) => {
      remove(all, draft);
      throw error;
    });
    if (created === undefined) {
      this.#taken.add(objectKey(draft.metadata));
      this.forget(clusterOf(pod));
      return false;
    }
    await this.#prune(pod, all);
    return true;
  }

  #draft({ metadata }: Pod, job: string, all: readonly Kept[]): Kept {
    const { namespace } = metadata;
    const ofJob = all.filter((one) => isIn(metadata)(one) && one.metadata.name.startsWith(`${job}-`));
    const numbers = ofJob.map((one) => Number(one.metadata.annotations?.[ATTEMPT_ANNOTATION] ?? 0));
    let attempt = Math.max(0, ...numbers) + 1;
    while (this.#taken.has(objectKey({ namespace, name: `${job}-${attempt}` }))) attempt++;
    const plugin = metadata.annotations?.[ANNOTATION.plugin];
    const annotations = {
      [POD_ANNOTATION]: metadata.name,
      [ATTEMPT_ANNOTATION]: String(attempt),
      ...(plugin && { [ANNOTATION.plugin]: plugin }),
    };
    const name = `${job}-${attempt}`;
    return { metadata: { name, namespace, labels: ownLabels(metadata.labels), annotations } };
  }

  /** Of the plugin that something was just kept of, the oldest go. */
  async #prune({ metadata }: Pod, all: Kept[]): Promise<void> {
    const plugin = metadata.labels?.[LABEL.pluginName];
    const ofPlugin = all.filter(
      (one) => isIn(metadata)(one) && one.metadata.labels?.[LABEL.pluginName] === plugin,
    );
    const oldest = ofPlugin.slice(0, -KEPT);
    for (const old of oldest) remove(all, old);
    for (const old of oldest) await ignoreNotFound(this.#client.delete(configMaps, old.metadata));
  }

  /** All of the pod's cluster, oldest first. */
  #of(pod: Pod): Promise<Kept[]> {
    const uid = clusterOf(pod);
    const known = this.#known.get(uid) ?? this.#list(uid);
    this.#known.set(uid, known);
    known.catch(() => this.forget(uid));
    return known;
  }

  async #list(uid: string): Promise<Kept[]> {
    const labelSelector = `${LABEL.clusterUid}=${uid},${LABEL.component}=${EXECUTOR_COMPONENT}`;
    const { items } = await this.#client.list(configMaps, { labelSelector, metadataOnly: true });
    return items.sort((a, b) => createdAt(a) - createdAt(b));
  }
}

function remove(all: Kept[], one: Kept): void {
  const at = all.indexOf(one);
  if (at >= 0) all.splice(at, 1);
}

const clusterOf = ({ metadata }: Pod) => metadata.labels?.[LABEL.clusterUid] ?? '';

const isIn =
  ({ namespace }: Pod['metadata']) =>
  ({ metadata }: Kept) =>
    metadata.namespace === namespace;

const createdAt = ({ metadata }: Kept) => Date.parse(metadata.creationTimestamp ?? '');

/** Logs repeat themselves: with gzip ten times as many fit into etcd. */
const compressed = (texts: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [`${name}.gz`, gzipSync(text).toString('base64')]),
  );

function ownLabels(labels: Record<string, string> = {}): Record<string, string> {
  const keys = [LABEL.clusterNamespace, LABEL.clusterName, LABEL.clusterUid, LABEL.pluginName];
  const own = keys.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]] as const]));
  return { [LABEL.component]: EXECUTOR_COMPONENT, ...Object.fromEntries(own) };
}
