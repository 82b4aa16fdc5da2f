import { canonicalJson, sha256 } from '#api/contract/names.ts';
import type { Target } from '#api/kubeconfig.ts';
import { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { type Limits, targetConnection } from '#kube/connection.ts';

/** Long enough for every request under way on a client that was replaced. */
const LINGER_MS = 60_000;
const ANSWER_LIMITS_MS = { silence: 3_000, total: 4_000 };
/** A tenant can make its API server slow (by webhooks) and its lists long: neither may use up workers or memory. */
const LIMITS: Limits = { totalMs: 10_000, bytes: 16 * 2 ** 20, items: 2_000 };

/** One client per managed cluster, shared by all callers, and replaced when its credentials change. */
export class TenantClients {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #clients = new Map<string, { client: KubeClient; id: string }>();

  constructor(clock: Clock, limits = LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The client of the managed cluster with this uid. The caller does not close it. */
  of(uid: string, target: Target): KubeClient {
    const id = sha256(canonicalJson(target));
    const current = this.#clients.get(uid);
    if (current?.id === id) return current.client;
    this.drop(uid);
    const client = new KubeClient({ ...targetConnection(target), limits: this.#limits });
    this.#clients.set(uid, { client, id });
    return client;
  }

  /** Forgets the client and closes it once requests under way have ended. */
  drop(uid: string): void {
    const dropped = this.#clients.get(uid);
    this.#clients.delete(uid);
    if (dropped) this.#clock.after(LINGER_MS, () => dropped.client.close());
  }
}

/** Whether /readyz of the API server succeeds within a few seconds. */
export async function answers(client: KubeClient): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_LIMITS_MS.total);
    await client.text('/readyz', undefined, { idleTimeoutMs: ANSWER_LIMITS_MS.silence, signal });
    return true;
  } catch {
    return false;
  }
}
