import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { pki } from 'node-forge';

/** A certificate and its private key, both PEM. */
export type Pair = { cert: string; key: string };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Long enough that a leaf signed by a CA just before its renewal ends before the CA does. */
export const CA_LIFE_MS = 360 * DAY_MS;
export const LEAF_LIFE_MS = 90 * DAY_MS;
/** Clocks of API servers may be behind ours. */
const SKEW_MS = HOUR_MS;

const newKey = promisify(generateKeyPair);

/** A CA of our own, which signs the webhook's serving certificates. */
export async function issueCa(now: number): Promise<Pair> {
  return issue({
    commonName: 'pinion-webhook-ca',
    now,
    lifeMs: CA_LIFE_MS,
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      { name: 'subjectKeyIdentifier' },
    ],
  });
}

/** A serving certificate for these DNS names, signed by the CA. */
export async function issueLeaf(ca: Pair, dnsNames: readonly string[], now: number): Promise<Pair> {
  return issue({
    commonName: dnsNames[0] ?? 'pinion-webhook',
    now,
    lifeMs: LEAF_LIFE_MS,
    signer: ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: dnsNames.map(altName) },
    ],
  });
}

const DNS_NAME = 2;
const ADDRESS = 7;
const altName = (name: string) =>
  /^[0-9.]+$/.test(name) ? { type: ADDRESS, ip: name } : { type: DNS_NAME, value: name };

type Request = { commonName: string; now: number; lifeMs: number; signer?: Pair; extensions: object[] };

async function issue({ commonName, now, lifeMs, signer, extensions }: Request): Promise<Pair> {
  // Loaded when something is to be signed, once in months: it costs memory that is never given back.
  const { default: forge } = await import('node-forge');
  const { privateKey, publicKey } = await newKey('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(
    publicKey.export({ type: 'spki', format: 'pem' }) as string,
  );
  // Positive, whatever its first byte.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(now - SKEW_MS);
  certificate.validity.notAfter = new Date(now + lifeMs);
  const subject: pki.CertificateField[] = [{ name: 'commonName', value: commonName.slice(0, 64) }];
  certificate.setSubject(subject);
  const issuer = signer && forge.pki.certificateFromPem(signer.cert);
  certificate.setIssuer(issuer ? issuer.subject.attributes : subject);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(signer?.key ?? key), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n'), key };
}
