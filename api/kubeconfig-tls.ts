import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isBase64 } from './text.ts';

/** The inline certificates and keys of a kubeconfig, as it has them: base64 of PEM. */
type Credentials = {
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  token?: string | undefined;
  insecureSkipTlsVerify: boolean;
};

const CA = 'certificate-authority-data';
const CERT = 'client-certificate-data';
const KEY = 'client-key-data';
const INSECURE = 'insecure-skip-tls-verify';

/**
 * What is wrong with the credentials of a kubeconfig, as kubectl and Helm would find when they connect. Node takes some of
 * it, and then one kind of plugin would work and another not. Quotes nothing of the credentials.
 */
export function credentialsProblem(credentials: Credentials): string | undefined {
  const { ca, cert, key, token, insecureSkipTlsVerify } = credentials;
  if (insecureSkipTlsVerify && ca) {
    return `cluster has both ${INSECURE}: true and ${CA}, and kubectl and Helm refuse the pair; remove ${INSECURE} (the CA verifies the server), or ${CA}`;
  }
  if (cert && !key) return `user has ${CERT} without ${KEY}; add the key, or remove the certificate`;
  // A header can't carry them; a line break at the end of a token is the usual one.
  if (token && /[^\x20-\x7e]|^ | $/.test(token)) {
    return 'token has a line break, a space at an end or another character that no HTTP header can carry; write it on one line, without "|"';
  }
  return certificateProblem(CA, ca) ?? certificateProblem(CERT, cert) ?? keyProblem(cert, key);
}

/** One certificate that can be read is enough, as for client-go. */
function certificateProblem(field: string, data: string | undefined): string | undefined {
  if (!data) return undefined;
  const { text, problem } = decode(field, data);
  if (text === undefined) return problem;
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.some(isCertificate)) return undefined;
  return `${field} holds no PEM certificate; give the output of: base64 -w0 < FILE, of a file with BEGIN CERTIFICATE`;
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}

function keyProblem(cert: string | undefined, data: string | undefined): string | undefined {
  // Without a certificate nothing reads the key.
  if (!cert || !data) return undefined;
  const { text, problem } = decode(KEY, data);
  if (text === undefined) return problem;
  if (/ENCRYPTED/.test(text)) {
    return `${KEY} is encrypted, and there is nobody to ask for its passphrase; decrypt it: openssl pkey -in FILE`;
  }
  const key = privateKey(text);
  if (key === undefined) return `${KEY} holds no PEM private key; give the output of: base64 -w0 < FILE`;
  const certificate = new X509Certificate(decode(CERT, cert).text ?? '');
  return certificate.checkPrivateKey(key)
    ? undefined
    : `${KEY} is not the key of ${CERT}; take both from the same file`;
}

function privateKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

function decode(field: string, data: string): { text?: string; problem?: string } {
  if (data.includes('-----BEGIN')) {
    return { problem: `${field} is PEM; it must be that in base64: base64 -w0 < FILE` };
  }
  const compact = data.replaceAll(/[\r\n]/g, '');
  if (!isBase64(compact)) {
    return { problem: `${field} is not base64; give the output of: base64 -w0 < FILE` };
  }
  return { text: Buffer.from(compact, 'base64').toString('latin1') };
}
