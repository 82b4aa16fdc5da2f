import type { KubeClient } from './client.ts';
import { type Clock, sleep } from './clock.ts';
import { ignoreNotFound, isAlreadyExists, isConflict } from './errors.ts';
import { type Lease, leases, microTime } from './lease.ts';
import type { Log } from './log.ts';
import type { ObjectName } from './resource.ts';

export type LeaderElectionOptions = {
  client: KubeClient;
  lease: Required<ObjectName> & { namespace: string };
  identity: string;
  clock: Clock;
  log: Log;
  /** Others may take over after this long without a renewal, in milliseconds. */
  durationMs?: number;
  /** The leader stops after this long without a renewal. Less than durationMs. */
  renewDeadlineMs?: number;
  retryMs?: number;
  /** How long `lead` may take to end once the Lease is lost. With renewDeadlineMs less than durationMs. */
  lostGraceMs?: number;
};

/** `held`: by another replica. `failed`: the holder is not known. */
type Attempt = 'ours' | 'held' | 'failed';

/** Lets one of several replicas work at a time: the holder of a Lease, which it keeps renewing. */
export class LeaderElection {
  readonly #options: Required<LeaderElectionOptions>;
  /** The Lease as last seen, and when by this replica's clock: other clocks are not trusted. */
  #seen: { lease: Lease; at: number } | undefined;

  constructor(options: LeaderElectionOptions) {
    const defaults = { durationMs: 12_000, renewDeadlineMs: 8_000, retryMs: 1_500, lostGraceMs: 2_000 };
    this.#options = { ...defaults, ...options };
  }

  /**
   * Waits for the Lease, then runs `lead` until it ends, the signal aborts or the Lease is lost; `lead` gets a
   * signal that aborts in the last two cases. Releases the Lease once `lead` has returned.
   * @returns `lost` when the program must exit at once because another replica may lead now; `lead` may then still be
   * under way.
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<'ended' | 'lost'> {
    const { clock, log, identity, lostGraceMs } = this.#options;
    const taken = await this.#take(signal);
    if (taken === undefined || signal.aborted) return 'ended';
    log.info({ identity }, 'became leader');
    const leading = new AbortController();
    const renewing = new AbortController();
    const lost = this.#renew(taken, renewing.signal).then((wasLost) => {
      if (wasLost) leading.abort();
      return wasLost;
    });
    const stop = () => leading.abort();
    signal.addEventListener('abort', stop, { once: true });
    const overdue = lost.then(() => sleep(clock, lostGraceMs, renewing.signal));
    try {
      await Promise.race([lead(leading.signal), overdue]);
    } finally {
      signal.removeEventListener('abort', stop);
      renewing.abort();
    }
    if (await lost) return 'lost';
    await this.#release();
    return 'ended';
  }

  /** @returns when the attempt that took the Lease began, since others may count from then; undefined after an abort. */
  async #take(signal: AbortSignal): Promise<number | undefined> {
    const { clock, retryMs, renewDeadlineMs } = this.#options;
    while (!signal.aborted) {
      const began = clock.now();
      // When the answer took too long, another replica may hold the Lease by now.
      if ((await this.#attempt()) === 'ours' && clock.now() - began < renewDeadlineMs) return began;
      await sleep(clock, retryMs, signal);
    }
    return undefined;
  }

  /** Renews the Lease until the signal aborts. `renewed`: when it was taken. @returns whether it was lost. */
  async #renew(renewed: number, signal: AbortSignal): Promise<boolean> {
    const { clock, log, retryMs, renewDeadlineMs } = this.#options;
    const leftMs = () => Math.max(0, renewed + renewDeadlineMs - clock.now());
    while (!signal.aborted) {
      await sleep(clock, Math.min(retryMs, leftMs()), signal);
      if (signal.aborted) break;
      const began = clock.now();
      // A hanging attempt must not hide that the deadline has passed.
      const due = new AbortController();
      const inTime = sleep(clock, leftMs(), due.signal).then((): Attempt => 'failed');
      const attempt = await Promise.race([this.#attempt(), inTime]);
      due.abort();
      if (attempt === 'ours') renewed = began;
      else if (attempt === 'held' || leftMs() === 0) {
        log.error({ attempt }, 'lost the Lease');
        return true;
      }
    }
    return false;
  }

  /** Takes the Lease if it is free, renews it if this replica holds it. */
  async #attempt(): Promise<Attempt> {
    const { client, lease: name, log, clock, identity } = this.#options;
    try {
      const held = await ignoreNotFound(client.get(leases, name));
      if (!held) {
        await client.create(leases, { metadata: { ...name }, spec: this.#spec() });
        return 'ours';
      }
      if (this.#seen?.lease.metadata.resourceVersion !== held.metadata.resourceVersion) {
        this.#seen = { lease: held, at: clock.now() };
      }
      if (held.spec.holderIdentity !== identity && !this.#expired(held)) return 'held';
      await client.replace(leases, { ...held, spec: this.#spec(held) });
      return 'ours';
    } catch (error) {
      // The Lease was deleted, and another replica created it first.
      if (isAlreadyExists(error)) return 'held';
      if (!isConflict(error)) {
        log.warn({ error: (error as Error).message }, 'could not take or renew the Lease');
      }
      return 'failed';
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
      log.warn({ error: (error as Error).message }, 'could not release the Lease; it expires on its own');
    }
  }
}
