import { quantityValue } from '../quantity.ts';

const MIB = 2 ** 20;
/** What etcd needs besides its database: segments of its log of 64 MiB each, and snapshots. */
const LOG_BYTES = 256 * MIB;
/** A defragmentation writes what is in use to a second file: half of a full database fits. */
const WITH_DEFRAGMENTATION = 1.5;
/** etcd's own advice: a larger one takes too long to start. */
const MOST_BYTES = 8192 * MIB;
/** Below this the log alone can fill the volume. */
const LEAST_BYTES = 512 * MIB;

/**
 * How large etcd's database may grow on a volume of this size, so that etcd refuses writes before the volume is full: a
 * full volume would keep it from starting. On one that is too small for its log it is a quarter.
 */
export function etcdQuotaBytes(size: string): number {
  const bytes = quantityValue(size);
  const quota = Math.max((bytes - LOG_BYTES) / WITH_DEFRAGMENTATION, bytes / 4);
  return Math.floor(Math.min(quota, MOST_BYTES) / MIB) * MIB || MIB;
}

/** A warning about a claim that etcd's log can fill; undefined for a larger one. */
export function smallEtcdWarning(size: string | undefined): string | undefined {
  if (!size || !(quantityValue(size) < LEAST_BYTES)) return undefined;
  return `spec.kubeInKubeConfig.etcdUnitSize ${size} is small: etcd's log alone takes up to 256Mi, and a full volume keeps etcd from starting; give at least 512Mi, or leave it out for 1Gi. It can't be changed here later`;
}
