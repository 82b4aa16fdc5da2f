import { generateKeyPair, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { layoutIn } from './layout.ts';
import { writeWhole } from './state.ts';

/** The certificate is pinned, so a renewal would gain nothing. */
const LIFE_YEARS = 20;
const newKey = promisify(generateKeyPair);

/**
 * Creates the agent's key and self-signed certificate on the machine, once. The key never leaves the machine; the
 * operator pins the certificate, which it reads from the installer's log.
 * @returns the certificate, PEM
 */
export async function ensureCertificate(
  layout: ReturnType<typeof layoutIn>,
  nodeName: string,
): Promise<string> {
  if (existsSync(layout.certificate)) return readFile(layout.certificate, 'utf8');
  const { privateKey, publicKey } = await newKey('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(
    publicKey.export({ type: 'spki', format: 'pem' }) as string,
  );
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  const now = new Date();
  certificate.validity.notBefore = new Date(now.getTime() - 24 * 3_600_000);
  certificate.validity.notAfter = new Date(now.setFullYear(now.getFullYear() + LIFE_YEARS));
  const subject = [{ name: 'commonName', value: nodeName.slice(0, 64) }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(key), forge.md.sha256.create());
  const pem = forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
  await writeWhole(layout.key, key, 0o600);
  await writeWhole(layout.certificate, pem);
  return pem;
}
