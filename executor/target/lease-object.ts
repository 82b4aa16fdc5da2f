export type LeaseObject = {
  metadata: { name: string; namespace: string; uid?: string; resourceVersion?: string };
  spec?: {
    holderIdentity?: string | undefined;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
};

/** The Lease as it is written: taken now (`acquire`) or renewed. Its resourceVersion stays, as the fence. */
export function leaseBody(
  lease: LeaseObject,
  { identity, durationMs }: { identity: string; durationMs: number },
  acquire: boolean,
): string {
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
