import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Pair } from './issue.ts';

/** The start and the end of a certificate's validity, in milliseconds. */
export function lifeOf(pem: string): { from: number; until: number } {
  const { validFromDate, validToDate } = new X509Certificate(pem);
  return { from: validFromDate.getTime(), until: validToDate.getTime() };
}

/** When a certificate is due for renewal: after two thirds of its life, in milliseconds. */
export function dueAt(pem: string): number {
  const { from, until } = lifeOf(pem);
  return from + ((until - from) * 2) / 3;
}

/** Whether a certificate is due for renewal while it is still valid. */
export function isDue(pem: string, now: number): boolean {
  return now >= dueAt(pem);
}

/** Whether certificate and key can be parsed and belong together. */
export function isSound({ cert, key }: Pair): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Whether a leaf is valid for all names and signed by one of the bundle's CAs. */
export function isTrusted(leaf: string, bundle: string, dnsNames: readonly string[]): boolean {
  const certificate = new X509Certificate(leaf);
  const serves = (name: string) => (isIP(name) > 0 ? certificate.checkIP(name) : certificate.checkHost(name));
  return (
    dnsNames.every((name) => serves(name) !== undefined) &&
    certificatesOf(bundle).some((ca) => {
      const authority = new X509Certificate(ca);
      return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
    })
  );
}

/** The certificates of a PEM bundle, one by one. */
export const certificatesOf = (bundle: string): string[] =>
  bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g) ?? [];

/** The new CA and all earlier ones that have not expired: the CAs that clients should trust. */
export function bundleWith(ca: string, earlier: string, now: number): string {
  const good = certificatesOf(earlier).filter((pem) => isReadable(pem) && lifeOf(pem).until > now);
  const normal = (pem: string) => `${pem.trim()}\n`;
  return [...new Set([ca, ...good].map(normal))].join('');
}

function isReadable(pem: string): boolean {
  try {
    lifeOf(pem);
    return true;
  } catch {
    return false;
  }
}
