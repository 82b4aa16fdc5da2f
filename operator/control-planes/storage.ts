import type { Problem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import { ApiError } from '#kube/errors.ts';
import { type KubeObject, resource } from '#kube/resource.ts';

/** How full etcd is. `refuses`: it takes no writes any more. */
export type StorageUse = { usedBytes: number; quotaBytes: number; refuses: boolean };
/** What is said of it: undefined for a datastore with room. */
export type StoragePressure = Problem & { full: boolean };

/** The part of the quota from which on a datastore counts as nearly full. */
const NEARLY = 0.85;
const MIB = 2 ** 20;
/** The size of the file in bytes, as the API server's metrics have it. */
const SIZE = /^apiserver_storage_size_bytes\{[^}]*\} (\S+)$/m;
const METRICS_LIMITS = { idleTimeoutMs: 5_000 };

const leases = resource<KubeObject>('coordination.k8s.io/v1', 'Lease', 'leases');
/** A write to it shows whether etcd takes writes. */
const PROBE = { namespace: 'kube-system', name: 'pinion-storage' };

/**
 * Asks the tenant's API server how large its datastore is, and writes there when it is nearly full or `wasPressed`.
 * undefined when the API server does not say. Never rejects.
 */
export async function storageUse(
  client: KubeClient,
  { quotaBytes, wasPressed, now }: { quotaBytes: number; wasPressed: boolean; now: number },
): Promise<StorageUse | undefined> {
  const metrics = await client.text('/metrics', undefined, METRICS_LIMITS).catch(() => '');
  const usedBytes = Number(SIZE.exec(metrics)?.[1]);
  if (!(usedBytes >= 0)) return undefined;
  const mayBeFull = wasPressed || usedBytes >= NEARLY * quotaBytes;
  return { usedBytes, quotaBytes, refuses: mayBeFull && (await refusesWrites(client, now)) };
}

async function refusesWrites(client: KubeClient, now: number): Promise<boolean> {
  const spec = { holderIdentity: 'pinion', renewTime: new Date(now).toISOString().replace('Z', '000Z') };
  try {
    await client.patch(leases, PROBE, { metadata: PROBE, spec }, { form: 'apply' });
    return false;
  } catch (error) {
    return error instanceof ApiError && isOutOfSpace(error.message);
  }
}

/** etcd's words for its alarm. */
export const isOutOfSpace = (message: string) => /database space exceeded/.test(message);

const HOW = 'delete what is not needed and defragment, or enlarge the claim; docs/control-planes.md says how';

/** What to say of a datastore: pure. `claim`: the name of etcd's claim. */
export function pressureOf(
  { usedBytes, quotaBytes, refuses }: StorageUse,
  claim: string,
): StoragePressure | undefined {
  const size = `${Math.round(usedBytes / MIB)} of ${Math.round(quotaBytes / MIB)} MiB on claim ${claim}`;
  if (refuses) {
    const message = `etcd has used ${size} and accepts no more writes; ${HOW}`;
    return { reason: 'EtcdFull', message, full: true };
  }
  if (usedBytes < NEARLY * quotaBytes) return undefined;
  const message = `etcd has used ${size}, and accepts no more writes when that is full; ${HOW}`;
  return { reason: 'EtcdNearlyFull', message, full: false };
}
