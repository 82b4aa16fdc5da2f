import { setTimeout as sleep } from 'node:timers/promises';
import { LABEL } from '#api/contract/names.ts';
import type { KubeClient } from '#kube/client.ts';
import { type Clock, systemClock } from '#kube/clock.ts';
import type { Log } from '#kube/log.ts';
import type { Job, Pod } from '#kube/resources.ts';
import type { Outcome } from '#kube/work-queue.ts';
import { BY_CLUSTER, type Caches } from '#operator/host/caches.ts';
import { type Attempt, attemptOf } from './attempt.ts';
import { isPodOf } from './jobs.ts';
import { KeptLogs } from './kept-logs.ts';
import { PodLogs } from './pod-logs.ts';

/** A success is kept once what is installed at the same time has had its turn; a failure at once. */
const SUCCESS_DELAY_MS = 10_000;
/** How long the deletion of a Job waits for its logs. */
const DELETION_MS = 5_000;
const REMEMBERED = 10_000;
const TAKEN_RETRY_MS = 200;

/** Keeps the log of every finished attempt in a ConfigMap `<job>-<attempt>`, which outlives the pod. */
export class AttemptLogs {
  readonly #caches: Caches;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #pods: PodLogs;
  readonly #kept: KeptLogs;
  readonly #done = new Set<string>();
  /** What is being kept, by uid of the pod. */
  readonly #keeping = new Map<string, Promise<Outcome>>();
  /** What is being written, by uid of the cluster. */
  readonly #writing = new Map<string, Set<Promise<unknown>>>();
  /** Clusters that are being deleted, by uid. */
  readonly #closed = new Set<string>();

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
    this.#caches = caches;
    this.#pods = new PodLogs({ client, log, clock });
    this.#kept = new KeptLogs(client);
    caches.clusters.onChange(({ type, object: { metadata } }) => {
      if (type !== 'deleted') return;
      this.#kept.forget(metadata.uid);
      this.#closed.delete(metadata.uid);
    });
  }

  /** `key` is of a pod. */
  async reconcile(key: string): Promise<Outcome> {
    const pod = this.#caches.pods.cache.byKey(key);
    if (!pod || this.#done.has(pod.metadata.uid)) return {};
    const waitMs = this.#waitMs(attemptOf(pod));
    return waitMs > 0 ? { requeueAfterMs: waitMs } : this.#keep(pod);
  }

  /** Keeps what has ended of a Job that is about to be deleted, and its pods with it. */
  async keepOf(job: Job): Promise<void> {
    const uid = job.metadata.labels?.[LABEL.clusterUid] ?? '';
    const ofJob = this.#caches.pods.cache.byIndex(BY_CLUSTER, uid).filter((pod) => isPodOf(pod, job));
    const unkept = ofJob.filter(({ metadata }) => !this.#done.has(metadata.uid));
    if (unkept.length === 0) return;
    const kept = Promise.allSettled(unkept.map((pod) => this.#keep(pod)));
    await Promise.race([kept, sleep(DELETION_MS, undefined, { ref: false })]);
  }

  /** Of a cluster that is being deleted nothing new is left behind once this resolves. */
  async close(clusterUid: string): Promise<void> {
    this.#closed.add(clusterUid);
    await Promise.allSettled(this.#writing.get(clusterUid) ?? []);
  }

  #waitMs(attempt: Attempt): number {
    if (attempt.kind !== 'succeeded') return 0;
    const sinceMs = this.#clock.now() - Date.parse(attempt.finishedAt ?? '');
    return sinceMs >= 0 ? SUCCESS_DELAY_MS - sinceMs : 0;
  }

  /** Once for all who ask at the same time. */
  #keep(pod: Pod): Promise<Outcome> {
    const { uid } = pod.metadata;
    const keeping = this.#keeping.get(uid) ?? this.#keepNow(pod).finally(() => this.#keeping.delete(uid));
    this.#keeping.set(uid, keeping);
    return keeping;
  }

  async #keepNow(pod: Pod): Promise<Outcome> {
    const { kind } = attemptOf(pod);
    if (kind !== 'succeeded' && kind !== 'failed') return {};
    const job = pod.metadata.ownerReferences?.find((owner) => owner.kind === 'Job')?.name;
    if (job === undefined || !this.#isWanted(pod)) return {};
    if (!(await this.#kept.has(pod))) {
      const texts = await this.#pods.read(pod);
      const saved = texts === undefined || (await this.#save(pod, job, texts));
      if (!saved) return { requeueAfterMs: TAKEN_RETRY_MS };
    }
    if (this.#done.size >= REMEMBERED) this.#done.clear();
    this.#done.add(pod.metadata.uid);
    return {};
  }

  #isWanted({ metadata: { labels = {} } }: Pod): boolean {
    const name = { namespace: labels[LABEL.clusterNamespace] ?? '', name: labels[LABEL.clusterName] ?? '' };
    const metadata = this.#caches.clusters.cache.get(name)?.metadata;
    return (
      metadata !== undefined &&
      metadata.uid === labels[LABEL.clusterUid] &&
      metadata.deletionTimestamp === undefined &&
      !this.#closed.has(metadata.uid)
    );
  }

  /** True as well when it is no longer wanted. */
  async #save(pod: Pod, job: string, texts: Record<string, string>): Promise<boolean> {
    if (!this.#isWanted(pod)) return true;
    const uid = pod.metadata.labels?.[LABEL.clusterUid] ?? '';
    const writing = this.#writing.get(uid) ?? new Set();
    const saved = this.#kept.save(pod, job, texts);
    this.#writing.set(uid, writing.add(saved));
    try {
      return await saved;
    } finally {
      writing.delete(saved);
      if (writing.size === 0) this.#writing.delete(uid);
    }
  }
}
