import type { ObjectMeta } from '#api/kinds/objects.ts';
import { resource } from './resource.ts';

export type Lease = {
  metadata: ObjectMeta;
  spec: {
    holderIdentity?: string | undefined;
    leaseDurationSeconds?: number | undefined;
    acquireTime?: string | undefined;
    renewTime?: string | undefined;
    leaseTransitions?: number | undefined;
  };
};

export const leases = resource<Lease>('coordination.k8s.io/v1', 'Lease', 'leases');

/** A time in the format of `MicroTime`: six digits of a second. */
export const microTime = (milliseconds: number) => new Date(milliseconds).toISOString().replace('Z', '000Z');
