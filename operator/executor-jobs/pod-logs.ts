import { EXECUTOR_CONTAINER, FETCH_CONTAINER } from '#api/contract/job.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { isNotFound } from '#kube/errors.ts';
import type { Log } from '#kube/log.ts';
import { pathOf } from '#kube/resource.ts';
import { type Pod, pods } from '#kube/resources.ts';
import { isNodeGone } from '#operator/host/gone-node.ts';

const LOG_LIMIT = 256 * 1024;
/** Asked of the kubelet: a log may be as long as a plugin's command likes, and all of it would be in memory. */
const TAIL_LINES = 5_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** How long a log is asked for again whose pod and node are there: a kubelet or an API server may restart. */
const PATIENCE_MS = 120_000;
const REMEMBERED = 10_000;

/** Reads the logs of an executor's containers, as long as they may be had. */
export class PodLogs {
  readonly #client: KubeClient;
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'now'>;
  /** When the log of a pod could not be read for the first time, by uid. */
  readonly #unread = new Map<string, number>();

  constructor({ client, log, clock }: { client: KubeClient; log: Log; clock: Pick<Clock, 'now'> }) {
    this.#client = client;
    this.#log = log;
    this.#clock = clock;
  }

  /** The texts by name; undefined when the pod is gone. @throws ApiError when it is to be tried again */
  async read(pod: Pod): Promise<Record<string, string> | undefined> {
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
        this.#log.warn(
          {
            pod: `${pod.metadata.namespace}/${pod.metadata.name}`,
            container,
            error: (error as Error).message,
          },
          "could not read the container's log; its termination message is kept instead",
        );
        const message = statuses.find(({ name }) => name === container)?.state?.terminated?.message;
        texts[`${container}.log`] = message ?? `the log could not be read: ${(error as Error).message}`;
      }
    }
    this.#unread.delete(pod.metadata.uid);
    return texts;
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
}

/** The end of a text, from a line's start, in at most so many bytes. */
function lastBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const end = bytes.subarray(bytes.length - limit).toString('utf8');
  return `… the beginning is cut\n${end.slice(end.indexOf('\n') + 1)}`;
}
