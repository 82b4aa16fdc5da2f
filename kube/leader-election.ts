import type { KubeClient } from './client.ts';
import { type Clock, sleep } from './clock.ts';
import { isAlreadyExists, isConflict, unlessNotFound } from './errors.ts';
import { type Lease, leases, microTime } from './lease.ts';
import type { Log } from './log.ts';
import type { ObjectName } from './resource.ts';

export type LeaderElectionOptions = {
  client: KubeClient;
  lease: Required<ObjectName> & { namespace: string };
  identity: string;
  clock: Clock;
  log: Log;
  /** After how long without a renewal others may take over, in milliseconds. */
  durationMs?: number;
  /** How long the leader goes on without a renewal. Less than durationMs. */
  renewDeadlineMs?: number;
  retryMs?: number;
};

/** One of several replicas works at a time: the holder of a Lease that it keeps renewing. */
export class LeaderElection {
  readonly #options: Required<LeaderElectionOptions>;
  /** The Lease as last seen, and when by our own clock: clocks of others are not trusted. */
  #seen: { lease: Lease; at: number } | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = { durationMs: 12_000, renewDeadlineMs: 8_000, retryMs: 1_500, ...options };
  }

  /**
   * Waits for the Lease, then runs `lead` until it ends, the signal aborts or the Lease is lost; `lead` gets a
   * signal that aborts in the last two cases. Releases the Lease once `lead` has returned.
   * @returns `lost` when the program must exit because somebody else may lead now.
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<'ended' | 'lost'> {
    const { clock, log, identity, retryMs } = this.#options;
    while (!signal.aborted && !(await this.#attempt())) await sleep(clock, retryMs, signal);
    if (signal.aborted) return 'ended';
    log.info({ identity }, 'leads');
    const leading = new AbortController();
    const renewing = new AbortController();
    const lost = this.#renew(renewing.signal).then((wasLost) => {
      if (wasLost) leading.abort();
      return wasLost;
    });
    const stop = () => leading.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await lead(leading.signal);
    } finally {
      signal.removeEventListener('abort', stop);
      renewing.abort();
    }
    if (await lost) return 'lost';
    await this.#release();
    return 'ended';
  }

  async #renew(signal: AbortSignal): Promise<boolean> {
    const { clock, log, retryMs, renewDeadlineMs } = this.#options;
    let renewed = clock.now();
    while (!signal.aborted) {
      await sleep(clock, retryMs, signal);
      if (signal.aborted) break;
      const started = clock.now();
      // An attempt that hangs must not hide that the time is up.
      const due = new AbortController();
      const left = Math.max(0, renewed + renewDeadlineMs - started);
      const inTime = sleep(clock, left, due.signal).then(() => false);
      const isRenewed = await Promise.race([this.#attempt(), inTime]);
      due.abort();
      if (isRenewed) renewed = started;
      else if (clock.now() - renewed >= renewDeadlineMs) {
        log.error({}, 'lost the Lease');
        return true;
      }
    }
    return false;
  }

  /** Takes or renews the Lease; false when somebody else has it or the server can't be asked. */
  async #attempt(): Promise<boolean> {
    const { client, lease: name, log, clock, identity } = this.#options;
    try {
      const held = await unlessNotFound(client.get(leases, name));
      if (!held) {
        await client.create(leases, { metadata: { ...name }, spec: this.#spec() });
        return true;
      }
      if (this.#seen?.lease.metadata.resourceVersion !== held.metadata.resourceVersion) {
        this.#seen = { lease: held, at: clock.now() };
      }
      if (held.spec.holderIdentity !== identity && !this.#expired(held)) return false;
      await client.replace(leases, { ...held, spec: this.#spec(held) });
      return true;
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error)) {
        log.warn({ error: (error as Error).message }, 'could not take or renew the Lease');
      }
      return false;
    }
  }

  #expired({ spec }: Lease): boolean {
    if (!spec.holderIdentity) return true;
    const durationMs = (spec.leaseDurationSeconds ?? 0) * 1000;
    return this.#seen !== undefined && this.#options.clock.now() - this.#seen.at > durationMs;
  }

  #spec(held?: Lease): Lease['spec'] {
    const { clock, identity, durationMs } = this.#options;
    const now = microTime(clock.now());
    const same = held?.spec.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: same ? (held.spec.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (held?.spec.leaseTransitions ?? 0) + (held && !same ? 1 : 0),
    };
  }

  async #release(): Promise<void> {
    const { client, lease: name, identity, log } = this.#options;
    try {
      const held = await client.get(leases, name);
      if (held.spec.holderIdentity !== identity) return;
      await client.replace(leases, {
        ...held,
        spec: { ...held.spec, holderIdentity: '', leaseDurationSeconds: 1 },
      });
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'could not release the Lease; it expires by itself');
    }
  }
}
