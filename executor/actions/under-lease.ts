import { setTimeout as delay } from 'node:timers/promises';
import { lockName } from '../deployers/lock-name.ts';
import type { TargetClient } from '../target/client.ts';
import { acquireLease } from '../target/lease.ts';
import type { Work } from './work.ts';

/** A Lease lives this long without renewal; for so long the successor of a killed pod waits. */
const LEASE_MS = 15_000;

/**
 * Runs `task` while this pod holds the Lease of the release or of the plugin's manifests.
 * @param waitMs for another holder
 * @throws Failure; when the Lease was lost, why
 */
export async function underLease<T>(
  { config, log, termination, order }: Work,
  client: TargetClient,
  waitMs: number,
  task: (abort: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = await acquireLease(
    { client, now: () => performance.now(), sleep: (ms) => delay(ms) },
    {
      namespace: order.targetNamespace,
      name: lockName(order),
      identity: config.identity,
      durationMs: LEASE_MS,
      waitMs,
      abort: termination.signal,
      note: log.note,
    },
  );
  try {
    return await task(AbortSignal.any([lease.lost, termination.signal]));
  } catch (error) {
    throw lease.lost.aborted ? lease.loss() : error;
  } finally {
    await lease.release();
  }
}
