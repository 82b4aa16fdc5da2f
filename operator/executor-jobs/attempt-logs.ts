import { gzipSync } from 'node:zlib';
import { EXECUTOR_CONTAINER, FETCH_CONTAINER } from '#api/contract/job.ts';
import { ANNOTATION, EXECUTOR_COMPONENT, GROUP, LABEL } from '#api/contract/names.ts';
import type { KubeClient } from '#kube/client.ts';
import { type Clock, systemClock } from '#kube/clock.ts';
import { ignoreAlreadyExists, ignoreNotFound, isNotFound } from '#kube/errors.ts';
import type { Log } from '#kube/log.ts';
import { pathOf } from '#kube/resource.ts';
import { type ConfigMap, configMaps, type Pod, pods, virtualClusters } from '#kube/resources.ts';
import type { Outcome } from '#kube/work-queue.ts';
import type { Caches } from '#operator/host/caches.ts';
import { isNodeGone } from '#operator/host/gone-node.ts';
import { attemptOf } from './attempt.ts';

const LOG_LIMIT = 256 * 1024;
/** Asked of the kubelet: a log may be as long as a plugin's command likes, and all of it would be in memory. */
const TAIL_LINES = 5_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** How long a log is asked for again whose pod and node are there: a kubelet or an API server may restart. */
const PATIENCE_MS = 120_000;
/** Logs that are kept of one plugin of one cluster. */
const KEPT = 5;
/** The pod whose log it is. */
const POD_ANNOTATION = `${GROUP}/pod`;
const ATTEMPT_ANNOTATION = `${GROUP}/attempt`;
const REMEMBERED = 10_000;
const TAKEN_RETRY_MS = 200;

/** Keeps the log of every finished attempt in a ConfigMap `<job>-<attempt>`, which outlives the pod. */
export class AttemptLogs {
  readonly #client: KubeClient;
  readonly #caches: Caches;
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #done = new Set<string>();
  /** When the log of a pod could not be read for the first time, by uid. */
  readonly #unread = new Map<string, number>();

  constructor({
    client,
    caches,
    log,
    clock = systemClock,
  }: {
    client: KubeClient;
    caches: Caches;
    log: Log;
    clock?: Pick<Clock, 'now'>;
  }) {
    this.#clock = clock;
    this.#client = client;
    this.#caches = caches;
    this.#log = log;
  }

  /** `key` is of a pod. */
  async reconcile(key: string): Promise<Outcome> {
    const pod = this.#caches.pods.cache.byKey(key);
    if (!pod || this.#done.has(pod.metadata.uid)) return {};
    const { kind } = attemptOf(pod);
    if (kind !== 'succeeded' && kind !== 'failed') return {};
    const job = pod.metadata.ownerReferences?.find((owner) => owner.kind === 'Job')?.name;
    if (job === undefined || !(await this.#isWanted(pod))) return {};
    const kept = await this.#kept(pod);
    if (!kept.some(({ metadata }) => metadata.annotations?.[POD_ANNOTATION] === pod.metadata.name)) {
      const texts = await this.#read(pod);
      const saved = texts === undefined || (await this.#save(pod, job, texts, kept));
      if (!saved) return { requeueAfterMs: TAKEN_RETRY_MS };
      await this.#prune(kept);
    }
    if (this.#done.size >= REMEMBERED) this.#done.clear();
    this.#done.add(pod.metadata.uid);
    this.#unread.delete(pod.metadata.uid);
    return {};
  }

  /** Of a cluster that is being deleted nothing new must be left behind: asked live, not of the cache. */
  async #isWanted({ metadata }: Pod): Promise<boolean> {
    const labels = metadata.labels ?? {};
    const name = { namespace: labels[LABEL.clusterNamespace] ?? '', name: labels[LABEL.clusterName] ?? '' };
    if (!this.#caches.clusters.cache.get(name)) return false;
    const cluster = await ignoreNotFound(this.#client.get(virtualClusters, name));
    return (
      cluster?.metadata.uid === labels[LABEL.clusterUid] && cluster?.metadata.deletionTimestamp === undefined
    );
  }

  /** Whether a log that could not be read is to be asked for again. */
  async #mayComeYet({ metadata: { uid, deletionTimestamp }, spec }: Pod): Promise<boolean> {
    if (deletionTimestamp !== undefined || spec?.nodeName === undefined) return false;
    const now = this.#clock.now();
    const since = this.#unread.get(uid) ?? now;
    if (this.#unread.size >= REMEMBERED) this.#unread.clear();
    this.#unread.set(uid, since);
    return now - since < PATIENCE_MS && !(await isNodeGone(this.#client, spec.nodeName));
  }

  /** @throws ApiError when it is to be tried again */
  async #read(pod: Pod): Promise<Record<string, string> | undefined> {
    const texts: Record<string, string> = {};
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    for (const container of [FETCH_CONTAINER, EXECUTOR_CONTAINER]) {
      const ran = statuses.some(
        ({ name, state }) => name === container && (state?.terminated || state?.running),
      );
      if (!ran) continue;
      const path = pathOf(pods, { ...pod.metadata, subresource: 'log' });
      try {
        texts[`${container}.log`] = lastBytes(
          await this.#client.text(path, { container, tailLines: TAIL_LINES, limitBytes: MOST_BYTES }),
          LOG_LIMIT / 2,
        );
      } catch (error) {
        if (isNotFound(error)) return undefined;
        if (await this.#mayComeYet(pod)) throw error;
        // A node that is gone keeps its logs: the termination message is what is left.
        this.#log.warn({ pod: pod.metadata.name, error: (error as Error).message }, 'could not read a log');
        const message = statuses.find(({ name }) => name === container)?.state?.terminated?.message;
        texts[`${container}.log`] = message ?? `the log could not be read: ${(error as Error).message}`;
      }
    }
    return texts;
  }

  /** False when another attempt took the number meanwhile. */
  async #save(
    { metadata }: Pod,
    job: string,
    texts: Record<string, string>,
    kept: readonly ConfigMap[],
  ): Promise<boolean> {
    const ofJob = kept.filter((one) => one.metadata.name.startsWith(`${job}-`));
    const numbers = ofJob.map((one) => Number(one.metadata.annotations?.[ATTEMPT_ANNOTATION] ?? 0));
    const attempt = Math.max(0, ...numbers) + 1;
    const plugin = metadata.annotations?.[ANNOTATION.plugin];
    const draft = {
      metadata: {
        name: `${job}-${attempt}`,
        namespace: metadata.namespace,
        labels: ownLabels(metadata.labels),
        annotations: {
          [POD_ANNOTATION]: metadata.name,
          [ATTEMPT_ANNOTATION]: String(attempt),
          ...(plugin && { [ANNOTATION.plugin]: plugin }),
        },
      },
      binaryData: compressed(texts),
    };
    return (await ignoreAlreadyExists(this.#client.create(configMaps, draft))) !== undefined;
  }

  /** Makes room for the one that was just saved. */
  async #prune(before: readonly ConfigMap[]): Promise<void> {
    const newestFirst = [...before].sort((a, b) => createdAt(b) - createdAt(a));
    for (const old of newestFirst.slice(KEPT - 1)) {
      await ignoreNotFound(this.#client.delete(configMaps, old.metadata));
    }
  }

  async #kept({ metadata: { namespace, labels = {} } }: Pod): Promise<ConfigMap[]> {
    const selector = ownLabels(labels);
    const labelSelector = Object.entries(selector)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    return (await this.#client.list(configMaps, { namespace, labelSelector, metadataOnly: true })).items;
  }
}

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

const createdAt = ({ metadata }: ConfigMap) => Date.parse(metadata.creationTimestamp ?? '');

/** The end of a text, from a line's start, in at most so many bytes. */
function lastBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const end = bytes.subarray(bytes.length - limit).toString('utf8');
  return `… the beginning is cut\n${end.slice(end.indexOf('\n') + 1)}`;
}
