import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import ipaddr from 'ipaddr.js';
import type { pki } from 'node-forge';

/** A certificate and its private key, both PEM. */
export type Pair = { cert: string; key: string };

/** The subject and the names of a leaf. Names that are IP addresses become address entries. */
export type Leaf = {
  commonName: string;
  organizations?: readonly string[];
  names?: readonly string[];
  usages: readonly ('server' | 'client')[];
};

type Life = { now: number; lifeMs: number };

/** Other clocks may be behind this one. */
const SKEW_MS = 3_600_000;
const newKey = promisify(generateKeyPair);

/** Issues a CA that signs leaves only. `life` in milliseconds. */
export async function issueAuthority(commonName: string, life: Life): Promise<Pair> {
  return issue({
    ...life,
    subject: [{ name: 'commonName', value: commonName.slice(0, 64) }],
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      { name: 'subjectKeyIdentifier' },
    ],
  });
}

/** Issues a certificate for a server, a client or both, signed by the CA. */
export async function issueCertificate(signer: Pair, leaf: Leaf, life: Life): Promise<Pair> {
  const altNames = (leaf.names ?? []).map(altName);
  return issue({
    ...life,
    signer,
    subject: [
      ...(leaf.organizations ?? []).map((value) => ({ name: 'organizationName', value })),
      { name: 'commonName', value: leaf.commonName.slice(0, 64) },
    ],
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      {
        name: 'extKeyUsage',
        serverAuth: leaf.usages.includes('server'),
        clientAuth: leaf.usages.includes('client'),
      },
      ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
    ],
  });
}

const DNS_NAME = 2;
const ADDRESS = 7;
/** In full, because forge misreads some short forms of IPv6. */
const altName = (name: string) =>
  isIP(name) > 0
    ? { type: ADDRESS, ip: ipaddr.parse(name).toNormalizedString() }
    : { type: DNS_NAME, value: name };

type Request = Life & { subject: pki.CertificateField[]; signer?: Pair; extensions: object[] };

async function issue({ subject, now, lifeMs, signer, extensions }: Request): Promise<Pair> {
  // Loaded only to sign, which happens once in months: it costs memory that is never freed.
  const { default: forge } = await import('node-forge');
  // RSA, because forge supports no other; by node's generator, because forge's takes seconds.
  const { privateKey, publicKey } = await newKey('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(
    publicKey.export({ type: 'spki', format: 'pem' }) as string,
  );
  // Positive, whatever its first byte.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(now - Math.min(SKEW_MS, lifeMs / 10));
  certificate.validity.notAfter = new Date(now + lifeMs);
  certificate.setSubject(subject);
  const issuer = signer && forge.pki.certificateFromPem(signer.cert);
  certificate.setIssuer(issuer ? issuer.subject.attributes : subject);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(signer?.key ?? key), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n'), key };
}
