import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Pair } from './issue.ts';

/** When a certificate begins and ends, in milliseconds. */
export function lifeOf(pem: string): { from: number; until: number } {
  const { validFromDate, validToDate } = new X509Certificate(pem);
  return { from: validFromDate.getTime(), until: validToDate.getTime() };
}

/** The end of two thirds of its life, in milliseconds. */
export function dueAt(pem: string): number {
  const { from, until } = lifeOf(pem);
  return from + ((until - from) * 2) / 3;
}

/** Two thirds of its life are over: time for a new one, while the old one is still good. */
export function isDue(pem: string, now: number): boolean {
  return now >= dueAt(pem);
}

/** Whether certificate and key can be read and belong to each other. */
export function isSound({ cert, key }: Pair): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Whether a leaf serves all names and is signed by one of the bundle's CAs. */
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

/** The single certificates of a PEM bundle. */
export const certificatesOf = (bundle: string): string[] =>
  bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g) ?? [];

/** The new CA and all earlier ones that have not ended: what callers should trust. */
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
