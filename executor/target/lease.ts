import { Failure } from '../failure.ts';
import { failureOf, type TargetClient } from './client.ts';
import { type HeldLease, holdLease } from './held-lease.ts';
import { type LeaseObject, leaseBody } from './lease-object.ts';
import { createNamespace } from './namespace.ts';

export type LeaseSettings = {
  namespace: string;
  name: string;
  identity: string;
  /** How long the Lease lives without renewal. */
  durationMs: number;
  /** How long to wait for another holder. */
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

/** How often the Lease of another holder is read. */
const LOOK_MS = 1000;

/**
 * Takes the Lease, waiting for its holder to release it or to stop renewing it. Whether the holder still does is
 * decided by this machine's own clock since it last saw the Lease change, so clocks need not agree. The namespace is
 * created when it is missing.
 * @throws Failure `LeaseHeld` when it is still held after `waitMs`; `ApplyRejected`, `TargetUnreachable`.
 */
export async function acquireLease(deps: LeaseDeps, settings: LeaseSettings): Promise<HeldLease> {
  const giveUp = deps.now() + settings.waitMs;
  let seen: Seen | undefined;
  // Nearly always there is no Lease: it is created first, and read only when that is refused.
  let lease: LeaseObject | undefined;
  while (!settings.abort.aborted) {
    if (lease === undefined || isFree(lease, settings, seen && deps.now() - seen.at, seen?.version)) {
      const taken = await take(deps.client, settings, lease);
      if (taken) return holdLease(deps, settings, leasePath(settings), taken);
    } else {
      seen = look(lease, seen, deps.now(), settings);
      if (deps.now() >= giveUp) throw stillHeld(lease, settings);
      await deps.sleep(LOOK_MS);
    }
    lease = await read(deps.client, settings);
  }
  throw new Failure('Terminated', 'terminated while waiting for the Lease of another pod');
}

/** The version of another holder's Lease, and when this machine first saw it. */
type Seen = { version: string | undefined; at: number };

function look(
  { metadata: { resourceVersion: version }, spec }: LeaseObject,
  seen: Seen | undefined,
  at: number,
  { namespace, name, note }: LeaseSettings,
): Seen {
  if (!seen) note(`waiting for ${spec?.holderIdentity}, which holds Lease ${namespace}/${name}`);
  return seen && seen.version === version ? seen : { version, at };
}

const stillHeld = ({ spec }: LeaseObject, { namespace, name }: LeaseSettings) =>
  new Failure(
    'LeaseHeld',
    `${spec?.holderIdentity} is installing the same thing and still renews Lease ${namespace}/${name}; look at that pod, or delete the Lease if it is gone`,
  );

/** Without a holder, our own, or unchanged for longer than its life. */
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

/** @returns undefined when another pod was faster */
async function take(client: TargetClient, settings: LeaseSettings, current: LeaseObject | undefined) {
  const { namespace, name } = settings;
  const body = leaseBody(current ?? { metadata: { name, namespace } }, settings, true);
  const write = () =>
    current
      ? client.request('PUT', leasePath(settings), { body })
      : client.request('POST', collection(settings), { body });
  let answer = await write();
  if (answer.code === 404 && current === undefined) {
    await createNamespace(client, namespace);
    answer = await write();
  }
  // 404: the Lease was deleted meanwhile.
  if (answer.code === 409 || (answer.code === 404 && current)) return undefined;
  if (answer.code !== 200 && answer.code !== 201) throw failureOf(answer, `Lease ${namespace}/${name}`);
  return answer.body as unknown as LeaseObject;
}
