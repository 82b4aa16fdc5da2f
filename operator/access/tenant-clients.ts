import { canonicalJson, sha256 } from '#api/contract/names.ts';
import type { Target } from '#api/kubeconfig.ts';
import { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { type Limits, targetConnection } from '#kube/connection.ts';

/** Long enough for every request that was begun with a client that has been replaced. */
const LINGER_MS = 60_000;
const ANSWER_LIMITS_MS = { silence: 3_000, total: 4_000 };
/** A tenant's owner can make it slow (by webhooks) and full: neither is to take the operator's workers or memory. */
const LIMITS: Limits = { totalMs: 10_000, bytes: 16 * 2 ** 20, items: 2_000 };

/** One client for each tenant, shared by all who speak to it, and a new one when its credentials change. */
export class TenantClients {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #held = new Map<string, { client: KubeClient; id: string }>();

  constructor(clock: Clock, limits = LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  of(uid: string, target: Target): KubeClient {
    const id = sha256(canonicalJson(target));
    const held = this.#held.get(uid);
    if (held?.id === id) return held.client;
    this.drop(uid);
    const client = new KubeClient({ ...targetConnection(target), limits: this.#limits });
    this.#held.set(uid, { client, id });
    return client;
  }

  drop(uid: string): void {
    const held = this.#held.get(uid);
    this.#held.delete(uid);
    if (held) this.#clock.after(LINGER_MS, () => held.client.close());
  }
}

/** Whether the API server says that it is ready, within a few seconds. */
export async function answers(client: KubeClient): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_LIMITS_MS.total);
    await client.text('/readyz', undefined, { idleTimeoutMs: ANSWER_LIMITS_MS.silence, signal });
    return true;
  } catch {
    return false;
  }
}
