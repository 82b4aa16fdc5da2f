import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** A certificate with its key, both PEM. */
export type KeyPair = { certificate: string; key: string };
export type Authority = KeyPair;

/** Whom a certificate is for. `addresses` and `dnsNames` make it good for serving. */
export type Subject = { name: string; groups?: string[]; addresses?: string[]; dnsNames?: string[] };

const generate = promisify(generateKeyPair);

/** A private key, RSA 2048. Node's own generator: forge's takes seconds. */
export async function newKey(): Promise<{ key: string; publicKey: string }> {
  const pair = await generate('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { key: pair.privateKey, publicKey: pair.publicKey };
}

function blank(publicKey: string): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(15))}`;
  certificate.validity.notBefore = new Date(Date.now() - 3_600_000);
  certificate.validity.notAfter = new Date(Date.now() + 365 * 86_400_000);
  return certificate;
}

/** A new authority that signs everything of the cluster. */
export async function newAuthority(name: string): Promise<Authority> {
  const { key, publicKey } = await newKey();
  const certificate = blank(publicKey);
  const attributes = [{ name: 'commonName', value: name }];
  certificate.setSubject(attributes);
  certificate.setIssuer(attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(key), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key };
}

/** A certificate for a client, a server, or both. */
export async function issue(authority: Authority, subject: Subject): Promise<KeyPair> {
  const { key, publicKey } = await newKey();
  const certificate = blank(publicKey);
  const issuer = forge.pki.certificateFromPem(authority.certificate);
  certificate.setSubject([
    ...(subject.groups ?? []).map((value) => ({ name: 'organizationName', value })),
    { name: 'commonName', value: subject.name },
  ]);
  certificate.setIssuer(issuer.subject.attributes);
  const altNames = [
    ...(subject.dnsNames ?? []).map((value) => ({ type: 2, value })),
    ...(subject.addresses ?? []).map((ip) => ({ type: 7, ip })),
  ];
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true, serverAuth: true },
    ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(authority.key), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key };
}

/** A kubeconfig with everything inline. */
export function kubeconfigFor(server: string, authority: Authority, user: KeyPair): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Config
current-context: pinion-local
clusters:
- name: pinion-local
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(authority.certificate)}
users:
- name: user
  user:
    client-certificate-data: ${base64(user.certificate)}
    client-key-data: ${base64(user.key)}
contexts:
- name: pinion-local
  context: { cluster: pinion-local, user: user }
`;
}
