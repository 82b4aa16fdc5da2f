/** A web server in a tenant's cluster, which is an admission webhook as well. */
import { inject } from 'vitest';
import { issue, newAuthority } from '#local/pki.ts';

export const GREETING = 'hello from the tenant';
export const REFUSAL = 'the webhook of the tenant denies this';

const program = `
const http = require('node:http'), https = require('node:https'), { readFileSync } = require('node:fs');
http.createServer((_, response) => response.end('${GREETING}')).listen(8080, () => console.log('listening'));
const tls = { cert: readFileSync('/tls/tls.crt'), key: readFileSync('/tls/tls.key') };
https.createServer(tls, async (incoming, outgoing) => {
  const { request } = JSON.parse((await incoming.toArray()).join(''));
  const response = { uid: request.uid, allowed: false, status: { message: '${REFUSAL}' } };
  outgoing.setHeader('content-type', 'application/json');
  outgoing.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }));
}).listen(8443);
`;

const metadata = { name: 'web', namespace: 'default' };
const labels = { app: 'web' };

/** A Deployment `web` behind a Service, and a webhook that denies ConfigMaps labelled denied=yes. */
export async function aDenyingWeb(): Promise<object[]> {
  const ca = await newAuthority('e2e-tenant');
  const { certificate, key } = await issue(ca, { name: 'web', dnsNames: ['web.default.svc'] });
  const stringData = { 'tls.crt': certificate, 'tls.key': key };
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', stringData },
    deployment(),
    service,
    webhook(ca.certificate),
  ];
}

function deployment(): object {
  const container = {
    name: 'web',
    image: inject('executorImage'),
    command: ['node', '-e', program],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
    resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '128Mi' } },
    volumeMounts: [{ name: 'tls', mountPath: '/tls' }],
  };
  const pod = { containers: [container], volumes: [{ name: 'tls', secret: { secretName: 'web' } }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  };
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: {
    selector: labels,
    ports: [
      { name: 'http', port: 80, targetPort: 8080 },
      { name: 'https', port: 443, targetPort: 8443 },
    ],
  },
};

const webhook = (ca: string): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'web' },
  webhooks: [
    {
      name: 'web.tenant.example',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      timeoutSeconds: 10,
      clientConfig: {
        service: { ...metadata, path: '/' },
        caBundle: Buffer.from(ca).toString('base64'),
      },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
      objectSelector: { matchLabels: { denied: 'yes' } },
    },
  ],
});
