import { Failure } from '../failure.ts';
import type { TargetClient } from './client.ts';
import { type LeaseObject, leaseBody } from './lease-object.ts';

/** What keeps two pods from installing the same thing at once: held while `lost` has not fired. */
export type HeldLease = { lost: AbortSignal; loss: () => Failure; release: () => Promise<void> };

/**
 * Renews a Lease five times in its life until it is released. The holder counts it as lost, and must stop its
 * work, when it belongs to another pod or when it could not be renewed for two thirds of its life: before
 * another pod may think it free.
 */
export function holdLease(
  { client, now }: { client: TargetClient; now: () => number },
  settings: { identity: string; durationMs: number },
  path: string,
  taken: LeaseObject,
): HeldLease {
  const { durationMs } = settings;
  const lost = new AbortController();
  let lease = taken;
  let renewedAt = now();
  let loss = new Failure('LeaseHeld', 'the Lease is still held');
  let ended = false;
  let renewal: Promise<void> | undefined;

  const lose = (why: Failure) => {
    if (ended) return;
    ended = true;
    loss = why;
    clearInterval(timer);
    lost.abort();
  };
  const renew = async () => {
    const began = now();
    const renewal = await renewOnce(client, settings, path, lease);
    if (renewal instanceof Failure) return lose(renewal);
    lease = renewal.lease;
    if (renewal.renewed) renewedAt = began;
  };
  const tick = () => {
    const age = now() - renewedAt;
    if (age >= (durationMs * 2) / 3) lose(unreachable(age));
    else if (!renewal && age >= durationMs / 5) {
      // A target that can't be reached now may be in a moment; the rule above says for how long that is borne.
      renewal = renew()
        .catch(() => undefined)
        .finally(() => {
          renewal = undefined;
        });
    }
  };
  const timer = setInterval(tick, durationMs / 15);
  timer.unref();
  return {
    lost: lost.signal,
    loss: () => loss,
    async release() {
      const held = !ended;
      ended = true;
      clearInterval(timer);
      if (!held) return;
      await renewal;
      await remove(client, path, lease);
    },
  };
}

/** One renewal; a Failure when the Lease belongs to another pod now. */
async function renewOnce(
  client: TargetClient,
  settings: { identity: string; durationMs: number },
  path: string,
  lease: LeaseObject,
): Promise<{ lease: LeaseObject; renewed: boolean } | Failure> {
  const answer = await client.request('PUT', path, { body: leaseBody(lease, settings, false) });
  if (answer.code === 200) return { lease: answer.body as unknown as LeaseObject, renewed: true };
  if (answer.code !== 409 && answer.code !== 404) return { lease, renewed: false };
  const current = (await client.request('GET', path)).body as unknown as LeaseObject;
  const holder = current.spec?.holderIdentity;
  // An annotation was added, say: still ours.
  if (holder === settings.identity) return { lease: current, renewed: false };
  return new Failure('LeaseHeld', `stopped: the Lease is now held by ${holder ?? 'no one: it was deleted'}`);
}

/** A Lease that can't be deleted expires by itself. */
async function remove(client: TargetClient, path: string, { metadata }: LeaseObject): Promise<void> {
  const { uid, resourceVersion } = metadata;
  const preconditions = { uid, resourceVersion };
  const body = JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions });
  await client.request('DELETE', path, { body }).catch(() => undefined);
}

const unreachable = (age: number) =>
  new Failure(
    'TargetUnreachable',
    `stopped: the target's API server did not renew the Lease for ${Math.round(age / 1000)} s; check that pods of this cluster reach it`,
  );
