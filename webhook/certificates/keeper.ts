import type { KubeClient } from '#kube/client.ts';
import { backoff, type Clock, sleep } from '#kube/clock.ts';
import type { Log } from '#kube/log.ts';
import { publishCaBundle } from './ca-bundle.ts';
import { keepCa, keepLeaf, type Serving } from './keep.ts';

export type KeeperOptions = {
  client: KubeClient;
  clock: Clock;
  log: Log;
  namespace: string;
  dnsNames: readonly string[];
  /** Name of the webhook configurations. */
  configuration: string;
  /** Called with the first certificates and whenever one has changed. */
  onServing: (serving: Serving) => void;
};

const CHECK_MS = 60_000;
const RETRY = { baseMs: 500, maxMs: 15_000 };

/** Renews CA, leaf and caBundle: checks once a minute, and retries soon after a failure. */
export class CertificateKeeper {
  readonly #options: KeeperOptions;
  #inUse = '';
  #published = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Whether API servers trust the certificate of this replica. */
  get isPublished(): boolean {
    return this.#published;
  }

  /** One check: creates or renews what is missing or due. The bundle first, so that every served certificate is trusted. */
  async check(): Promise<void> {
    const { client, clock, log, namespace, dnsNames, configuration, onServing } = this.#options;
    const options = { client, namespace, dnsNames, now: clock.now() };
    const authority = await keepCa(options);
    const missing = await publishCaBundle(client, configuration, authority.bundle);
    const serving = await keepLeaf(options, authority);
    const inUse = serving.leaf.cert + authority.ca.cert;
    if (inUse !== this.#inUse) {
      this.#inUse = inUse;
      const until = (at: number) => new Date(at).toISOString();
      log.info({ leaf: until(serving.leafUntil), ca: until(serving.caUntil) }, 'serving certificates');
      onServing(serving);
    }
    this.#published = missing.length === 0;
    if (missing.length > 0)
      throw new Error(`no ${missing.join(' and no ')} named ${configuration}; apply deploy/`);
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.check();
        failures = 0;
      } catch (error) {
        failures++;
        this.#options.log.warn(
          { error: (error as Error).message, failures },
          'certificates failed, retrying',
        );
      }
      await sleep(this.#options.clock, failures === 0 ? CHECK_MS : backoff(failures, RETRY), signal);
    }
  }
}
