/** Servers that a user would already have: HTTPS and an OCI registry, with certificates of a private CA. */
import { createHash } from 'node:crypto';
import { LABEL } from '#api/contract/names.ts';
import { aSecret, type Manifest } from '#test/builders.ts';
import type { Certificates } from './certificates.ts';
import { CREDENTIALS, NAMESPACE } from './names.ts';

const TLS = 'demo-tls';

const FILE_SERVER = `
const { createServer } = require('node:https');
const { readFileSync } = require('node:fs');
const tls = { cert: readFileSync('/tls/tls.crt'), key: readFileSync('/tls/tls.key') };
createServer(tls, ({ url }, answer) => {
  const name = /^\\/([a-z0-9][a-z0-9.-]*)$/.exec(url)?.[1];
  try { answer.end(readFileSync('/files/' + name)); }
  catch { answer.writeHead(404).end(); }
}).listen(8443);`;

const REGISTRY_CONFIG = JSON.stringify({
  version: 0.1,
  log: { level: 'warn' },
  storage: { filesystem: { rootdirectory: '/data' } },
  http: { addr: ':5000', tls: { certificate: '/tls/tls.crt', key: '/tls/tls.key' } },
});

/** An HTTPS server of these files, its certificate, and the source credentials `credentials` with its CA. */
export function fileServer(of: {
  namespace: string;
  credentials: string;
  certificates: Certificates;
  files: Record<string, Buffer>;
  image: string;
}): Manifest[] {
  const { namespace, certificates, files } = of;
  const { ca, certificate, key } = certificates;
  return [
    aSecret(namespace, TLS, { 'tls.crt': certificate, 'tls.key': key }),
    aSecret(namespace, of.credentials, { 'ca.crt': ca }, { [LABEL.sourceCredentials]: 'true' }),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'files' },
      binaryData: Object.fromEntries(
        Object.entries(files).map(([name, content]) => [name, content.toString('base64')]),
      ),
    },
    ...server({
      namespace,
      name: 'files',
      image: of.image,
      command: ['node', '--eval', FILE_SERVER],
      port: 443,
      targetPort: 8443,
      mountPath: '/files',
      stamp: digest(certificate, ...Object.values(files)),
    }),
  ];
}

/** Both servers and their Secrets. A pod is replaced only when what it serves or its certificate changed. */
export function servers(of: {
  certificates: Certificates;
  files: Record<string, Buffer>;
  image: string;
  registryImage: string;
}): Manifest[] {
  return [
    ...fileServer({ ...of, namespace: NAMESPACE, credentials: CREDENTIALS }),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: NAMESPACE, name: 'registry' },
      data: { 'config.yml': REGISTRY_CONFIG },
    },
    ...server({
      namespace: NAMESPACE,
      name: 'registry',
      image: of.registryImage,
      command: ['/bin/registry', 'serve', '/config/config.yml'],
      port: 5000,
      targetPort: 5000,
      mountPath: '/config',
      stamp: digest(of.certificates.certificate, REGISTRY_CONFIG),
    }),
  ];
}

const digest = (...contents: (string | Buffer)[]) => {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  return hash.digest('hex');
};

/** A Deployment of one pod with the certificate at /tls and its ConfigMap, and a Service. */
function server(of: {
  namespace: string;
  name: string;
  image: string;
  command: string[];
  port: number;
  targetPort: number;
  mountPath: string;
  stamp: string;
}): Manifest[] {
  const { namespace, name } = of;
  const metadata = { namespace, name };
  const matchLabels = { app: name };
  const mounts = [
    { name: 'tls', mountPath: '/tls', readOnly: true },
    { name: 'config', mountPath: of.mountPath, readOnly: true },
    { name: 'data', mountPath: '/data' },
  ];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: matchLabels, ports: [{ port: of.port, targetPort: of.targetPort }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels },
        strategy: { type: 'Recreate' },
        template: {
          metadata: { labels: matchLabels, annotations: { stamp: of.stamp } },
          spec: {
            terminationGracePeriodSeconds: 1,
            enableServiceLinks: false,
            containers: [
              {
                name,
                image: of.image,
                command: of.command,
                readinessProbe: { tcpSocket: { port: of.targetPort }, periodSeconds: 1 },
                volumeMounts: mounts,
              },
            ],
            volumes: [
              { name: 'tls', secret: { secretName: TLS } },
              { name: 'config', configMap: { name } },
              { name: 'data', emptyDir: {} },
            ],
          },
        },
      },
    },
  ];
}
