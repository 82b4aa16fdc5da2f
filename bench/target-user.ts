import forge from 'node-forge';
import { parseKubeconfig } from '#api/kubeconfig.ts';
import { kubeconfigFor, newKey } from '#local/pki.ts';
import type { Api, Resource } from './api.ts';
import { TARGET_USER } from './names.ts';

const COLLECTION = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

type SigningRequest = Resource & { status: { certificate?: string; conditions?: object[] } };

/** A signing request in PEM for a client certificate of `TARGET_USER`. */
function signingRequest({ key, publicKey }: { key: string; publicKey: string }): string {
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.publicKeyFromPem(publicKey);
  request.setSubject([{ name: 'commonName', value: TARGET_USER }]);
  request.sign(forge.pki.privateKeyFromPem(key), forge.md.sha256.create());
  return forge.pki.certificationRequestToPem(request);
}

/** A client certificate in PEM, signed by the cluster. @throws when it takes more than 30 s */
async function certificateFor(api: Api, request: string): Promise<string> {
  const created = await api.send<SigningRequest>('POST', COLLECTION, {
    metadata: { generateName: `${TARGET_USER}-` },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
    },
  });
  const { name } = created.metadata;
  const approved = {
    type: 'Approved',
    status: 'True',
    reason: 'Bench',
    message: 'asked for by the benchmarks',
  };
  await api.send('PUT', `${COLLECTION}/${name}/approval`, { ...created, status: { conditions: [approved] } });
  let certificate = '';
  await api.watch(`${COLLECTION}?fieldSelector=metadata.name%3D${name}`, 30, ({ status }) => {
    certificate = String(status?.['certificate'] ?? '');
    return certificate !== '';
  });
  return Buffer.from(certificate, 'base64').toString();
}

/** A kubeconfig for the same cluster, of a user with its own name and all rights. */
export async function targetKubeconfig(api: Api, adminKubeconfig: string): Promise<string> {
  const { server, ca } = parseKubeconfig(adminKubeconfig);
  const key = await newKey();
  const certificate = await certificateFor(api, signingRequest(key));
  const authority = { certificate: Buffer.from(ca ?? '', 'base64').toString(), key: '' };
  return kubeconfigFor(server, authority, { certificate, key: key.key });
}

/** Gives that user all rights. */
export const targetUserBinding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: TARGET_USER },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: TARGET_USER }],
};
