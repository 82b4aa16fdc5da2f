import { Failure } from '../failure.ts';
import { failureOf, type TargetClient } from './client.ts';

type LeaseObject = {
  metadata: { name: string; namespace: string; uid?: string; resourceVersion?: string };
  spec?: {
    holderIdentity?: string | undefined;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
};

/** What keeps two pods from installing the same thing at once: held while `lost` has not fired. */
export type HeldLease = { lost: AbortSignal; lossMessage: () => string; release: () => Promise<void> };

export type LeaseSettings = {
  namespace: string;
  name: string;
  identity: string;
  /** How long the Lease lives without renewal. */
  durationMs: number;
  /** How long to wait for somebody else's. */
  waitMs: number;
  abort: AbortSignal;
  note: (text: string) => void;
};

type Deps = { client: TargetClient; now: () => number; sleep: (ms: number) => Promise<void> };

/**
 * Takes the Lease, waiting for its holder to let go or to stop renewing it. Whether it does is judged by this
 * machine's own clock since it last saw the Lease change, so clocks need not agree.
 * The holder renews it five times in its life and loses it, by its own judgement, at two thirds of it.
 * @throws Failure `LeaseHeld` when it is still held after `waitMs`; `ApplyRejected`, `TargetUnreachable`.
 */
export async function acquireLease(deps: Deps, settings: LeaseSettings): Promise<HeldLease> {
  const { client, now, sleep } = deps;
  const { namespace, name, durationMs, waitMs, abort, note } = settings;
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const path = `${collection}/${name}`;
  const giveUp = now() + waitMs;
  let seen = '';
  let seenAt = now();
  for (;;) {
    if (abort.aborted) throw new Failure('Terminated', 'ended while it waited for the Lease of another pod');
    const answer = await client.request('GET', path);
    if (answer.code === 404) {
      const made = await write('POST', collection, { metadata: { name, namespace } });
      if (made) return hold(deps, settings, path, made);
      continue;
    }
    if (answer.code !== 200) throw failureOf(answer, `Lease ${namespace}/${name}`);
    const lease = answer.body as unknown as LeaseObject;
    const holder = lease.spec?.holderIdentity;
    const version = lease.metadata.resourceVersion ?? '';
    const life = Math.max((lease.spec?.leaseDurationSeconds ?? 0) * 1000, 1000);
    if (version !== seen) {
      if (seen === '' && holder) note(`waiting for ${holder}, which holds Lease ${namespace}/${name}`);
      seen = version;
      seenAt = now();
    }
    if (!holder || holder === settings.identity || now() - seenAt >= life) {
      const taken = await write('PUT', path, lease);
      if (taken) return hold(deps, settings, path, taken);
      continue;
    }
    if (now() >= giveUp) {
      throw new Failure(
        'LeaseHeld',
        `${holder} is installing the same thing and still renews Lease ${namespace}/${name}; look at that pod, or delete the Lease if it is gone`,
      );
    }
    await sleep(1000);
  }

  /** Undefined when somebody else was faster. */
  async function write(method: 'POST' | 'PUT', to: string, lease: LeaseObject) {
    const answer = await client.request(method, to, { body: body(lease, settings, true) });
    if (answer.code === 409) return undefined;
    if (answer.code !== 200 && answer.code !== 201) throw failureOf(answer, `Lease ${namespace}/${name}`);
    return answer.body as unknown as LeaseObject;
  }
}

function body(lease: LeaseObject, { identity, durationMs }: LeaseSettings, acquire: boolean): string {
  const time = new Date().toISOString().replace('Z', '000Z');
  const before = lease.spec;
  return JSON.stringify({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: lease.metadata,
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      renewTime: time,
      acquireTime: acquire ? time : (before?.acquireTime ?? time),
      leaseTransitions: (before?.leaseTransitions ?? 0) + (acquire && before ? 1 : 0),
    },
  });
}

function hold(deps: Deps, settings: LeaseSettings, path: string, taken: LeaseObject): HeldLease {
  const { client, now } = deps;
  const { durationMs, identity } = settings;
  const lost = new AbortController();
  let lease = taken;
  let renewedAt = now();
  let message = '';
  let ended = false;
  let renewal: Promise<void> | undefined;
  const lose = (why: string) => {
    message = why;
    lost.abort();
    ended = true;
    clearInterval(timer);
  };
  const renew = async () => {
    const began = now();
    try {
      const answer = await client.request('PUT', path, { body: body(lease, settings, false) });
      if (ended) return;
      if (answer.code === 200) {
        lease = answer.body as unknown as LeaseObject;
        renewedAt = began;
      } else if (answer.code === 409 || answer.code === 404) {
        const current = (await client.request('GET', path)).body as unknown as LeaseObject;
        const holder = current.spec?.holderIdentity;
        if (holder === identity) lease = current;
        else if (!ended) lose(`the Lease went to ${holder ?? 'nobody: it was deleted'}`);
      }
    } catch {
      // Not reached; the timer below decides for how long that is bearable.
    }
  };
  const timer = setInterval(() => {
    if (ended) return;
    if (now() - renewedAt >= (durationMs * 2) / 3) {
      lose(`the Lease could not be renewed for ${Math.round((now() - renewedAt) / 1000)} s`);
    } else if (!renewal && now() - renewedAt >= durationMs / 5) {
      renewal = renew().finally(() => {
        renewal = undefined;
      });
    }
  }, durationMs / 15);
  timer.unref();
  return {
    lost: lost.signal,
    lossMessage: () => message,
    async release() {
      const held = !ended;
      ended = true;
      clearInterval(timer);
      await renewal;
      if (!held) return;
      const { uid, resourceVersion } = lease.metadata;
      const preconditions = { uid, resourceVersion };
      // A Lease that can't be deleted expires by itself.
      await client
        .request('DELETE', path, {
          body: JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions }),
        })
        .catch(() => undefined);
    },
  };
}
