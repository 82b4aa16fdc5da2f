import { Failure } from '../failure.ts';
import { failureOf, type TargetClient } from './client.ts';
import { type HeldLease, holdLease } from './held-lease.ts';
import { type LeaseObject, leaseBody } from './lease-object.ts';

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

export type LeaseDeps = {
  client: TargetClient;
  /** Milliseconds of a clock that only goes forward. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
};

/** How often somebody else's Lease is looked at. */
const LOOK_MS = 1000;

/**
 * Takes the Lease, waiting for its holder to let go or to stop renewing it. Whether it does is judged by this
 * machine's own clock since it last saw the Lease change, so clocks need not agree.
 * @throws Failure `LeaseHeld` when it is still held after `waitMs`; `ApplyRejected`, `TargetUnreachable`.
 */
export async function acquireLease(deps: LeaseDeps, settings: LeaseSettings): Promise<HeldLease> {
  const { namespace, name, waitMs, abort, note } = settings;
  const giveUp = deps.now() + waitMs;
  let seen: { version: string | undefined; at: number } | undefined;
  while (!abort.aborted) {
    const found = await read(deps.client, settings);
    if (found === undefined || isFree(found, settings, seen && deps.now() - seen.at, seen?.version)) {
      const taken = await take(deps.client, settings, found);
      if (taken) return holdLease(deps, settings, leasePath(settings), taken);
      continue; // Somebody else was faster.
    }
    const holder = found.spec?.holderIdentity;
    if (!seen) note(`waiting for ${holder}, which holds Lease ${namespace}/${name}`);
    const version = found.metadata.resourceVersion;
    if (seen?.version !== version) seen = { version, at: deps.now() };
    if (deps.now() >= giveUp) {
      throw new Failure(
        'LeaseHeld',
        `${holder} is installing the same thing and still renews Lease ${namespace}/${name}; look at that pod, or delete the Lease if it is gone`,
      );
    }
    await deps.sleep(LOOK_MS);
  }
  throw new Failure('Terminated', 'ended while it waited for the Lease of another pod');
}

/** Nobody's, our own, or unchanged for longer than its life. */
function isFree(
  { metadata, spec }: LeaseObject,
  { identity }: LeaseSettings,
  unchangedMs: number | undefined,
  version: string | undefined,
): boolean {
  if (!spec?.holderIdentity || spec.holderIdentity === identity) return true;
  const life = Math.max((spec.leaseDurationSeconds ?? 0) * 1000, LOOK_MS);
  return unchangedMs !== undefined && version === metadata.resourceVersion && unchangedMs >= life;
}

const collection = ({ namespace }: LeaseSettings) =>
  `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
const leasePath = (settings: LeaseSettings) => `${collection(settings)}/${settings.name}`;

async function read(client: TargetClient, settings: LeaseSettings): Promise<LeaseObject | undefined> {
  const answer = await client.request('GET', leasePath(settings));
  if (answer.code === 404) return undefined;
  if (answer.code !== 200) throw failureOf(answer, `Lease ${settings.namespace}/${settings.name}`);
  return answer.body as unknown as LeaseObject;
}

/** Undefined when somebody else was faster. */
async function take(client: TargetClient, settings: LeaseSettings, found: LeaseObject | undefined) {
  const { namespace, name } = settings;
  const body = leaseBody(found ?? { metadata: { name, namespace } }, settings, true);
  const answer = found
    ? await client.request('PUT', leasePath(settings), { body })
    : await client.request('POST', collection(settings), { body });
  if (answer.code === 409) return undefined;
  if (answer.code !== 200 && answer.code !== 201) throw failureOf(answer, `Lease ${namespace}/${name}`);
  return answer.body as unknown as LeaseObject;
}
