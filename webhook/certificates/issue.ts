import { issueAuthority, issueCertificate, type Pair } from '#kube/certificates/issue.ts';

const DAY_MS = 24 * 3_600_000;
/** A leaf that is signed just before the CA is renewed expires before the CA does. */
export const CA_LIFE_MS = 360 * DAY_MS;
export const LEAF_LIFE_MS = 90 * DAY_MS;

/** The CA that signs the webhook's serving certificates. */
export const issueCa = (now: number): Promise<Pair> =>
  issueAuthority('pinion-webhook-ca', { now, lifeMs: CA_LIFE_MS });

/** A serving certificate for these DNS names, signed by the CA. */
export const issueLeaf = (ca: Pair, dnsNames: readonly string[], now: number): Promise<Pair> =>
  issueCertificate(
    ca,
    { commonName: dnsNames[0] ?? 'pinion-webhook', names: dnsNames, usages: ['server'] },
    { now, lifeMs: LEAF_LIFE_MS },
  );
