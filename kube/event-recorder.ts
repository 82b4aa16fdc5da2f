import { sha256 } from '#api/contract/names.ts';
import type { ObjectMeta } from '#api/kinds/objects.ts';
import type { KubeClient } from './client.ts';
import type { Clock } from './clock.ts';
import { ignoreNotFound, isAlreadyExists } from './errors.ts';
import type { Log } from './log.ts';
import { type KubeObject, resource } from './resource.ts';

/** A core v1 Event: what `kubectl describe` shows. */
export type KubeEvent = {
  metadata: ObjectMeta;
  involvedObject: {
    apiVersion?: string | undefined;
    kind?: string | undefined;
    namespace?: string;
    name?: string;
    uid?: string;
    resourceVersion?: string | undefined;
  };
  type?: 'Normal' | 'Warning';
  reason?: string;
  message?: string;
  count?: number;
  firstTimestamp?: string;
  lastTimestamp?: string;
  source?: { component?: string };
  reportingComponent?: string;
  reportingInstance?: string;
};

export const events = resource<KubeEvent>('v1', 'Event', 'events');

export type Occurrence = { type: 'Normal' | 'Warning'; reason: string; message: string };

const REMEMBERED = 4096;
const MESSAGE_LIMIT = 1024;

/**
 * Records what happened to an object. The same reason and message on the same object is one Event whose count
 * grows. Never throws and never blocks: an Event is not worth a failed reconcile.
 */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #component: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #counts = new Map<string, number>();
  #last: Promise<void> = Promise.resolve();

  constructor(options: { client: KubeClient; component: string; clock: Clock; log: Log }) {
    this.#client = options.client;
    this.#component = options.component;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  record(about: KubeObject, occurrence: Occurrence): void {
    this.#last = this.#last
      .then(() => this.#write(about, occurrence))
      .catch((error: Error) => this.#log.warn({ error: error.message }, 'could not record an Event'));
  }

  /** Resolves when every Event recorded so far is written or has failed. */
  flush(): Promise<void> {
    return this.#last;
  }

  async #write(
    { apiVersion, kind, metadata }: KubeObject,
    { type, reason, message }: Occurrence,
  ): Promise<void> {
    const now = new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    const name = `${metadata.name.slice(0, 200)}.${sha256([metadata.uid, type, reason, message].join('\n')).slice(0, 16)}`;
    const namespace = metadata.namespace ?? 'default';
    const count = (this.#counts.get(name) ?? 0) + 1;
    if (this.#counts.size >= REMEMBERED) this.#counts.clear();
    this.#counts.set(name, count);
    if (count > 1) {
      const change = { count, lastTimestamp: now };
      if (await ignoreNotFound(this.#client.patch(events, { namespace, name }, change))) return;
      // The Event expired at the server: create it again.
      this.#counts.set(name, 1);
    }
    const { name: objectName, uid, resourceVersion } = metadata;
    try {
      await this.#client.create(events, {
        metadata: { namespace, name },
        involvedObject: {
          apiVersion,
          kind,
          namespace: metadata.namespace,
          name: objectName,
          uid,
          resourceVersion,
        },
        type,
        reason,
        message: message.length > MESSAGE_LIMIT ? `${message.slice(0, MESSAGE_LIMIT - 1)}…` : message,
        count: 1,
        firstTimestamp: now,
        lastTimestamp: now,
        source: { component: this.#component },
        reportingComponent: this.#component,
        reportingInstance: this.#component,
      });
    } catch (error) {
      // An earlier process of this program created it.
      if (!isAlreadyExists(error)) throw error;
      const { count: before = 1 } = await this.#client.get(events, { namespace, name });
      this.#counts.set(name, before + 1);
      await this.#client.patch(events, { namespace, name }, { count: before + 1, lastTimestamp: now });
    }
  }
}
