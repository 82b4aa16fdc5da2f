import { type Target, writeKubeconfig } from '#api/kubeconfig.ts';
import type { Texts } from './cas.ts';
import { TLS } from './manifests/pod.ts';

/** A kubeconfig that names its credentials as files, so that clients reread them when they change. */
export function fileKubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'tenant',
    clusters: [{ name: 'tenant', cluster: { server, 'certificate-authority': `${TLS}/ca.crt` } }],
    users: [
      {
        name: 'client',
        user: { 'client-certificate': `${TLS}/client.crt`, 'client-key': `${TLS}/client.key` },
      },
    ],
    contexts: [{ name: 'tenant', context: { cluster: 'tenant', user: 'client' } }],
  });
}

const base64 = (text: string | undefined) => Buffer.from(text ?? '').toString('base64');

/** Access by the certificate with this name in the operator's Secret. */
export function targetOf(texts: Texts, name: 'client' | 'admin', server: string): Target {
  return {
    server,
    insecureSkipTlsVerify: false,
    ca: base64(texts['ca.crt']),
    cert: base64(texts[`${name}.crt`]),
    key: base64(texts[`${name}.key`]),
  };
}

/** The tenant owner's kubeconfig, with all credentials inline. */
export const adminKubeconfig = (texts: Texts, server: string): string =>
  writeKubeconfig(targetOf(texts, 'admin', server));
