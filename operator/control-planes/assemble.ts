import { ANNOTATION, canonicalJson, sha256 } from '#api/contract/names.ts';
import { secrets } from '#kube/resources.ts';
import { dataOf } from '#kube/secret-data.ts';
import type { Texts } from './cas.ts';
import type { CredentialTexts } from './credentials.ts';
import { type TenantEndpoints, urlOf } from './endpoint.ts';
import { adminKubeconfig, fileKubeconfig } from './kubeconfigs.ts';
import { API_PORT, apiServer } from './manifests/api-server.ts';
import { controllers } from './manifests/controllers.ts';
import { etcd } from './manifests/etcd.ts';
import { apiServerConfig } from './manifests/konnectivity.ts';
import { type Desired, metadata, type RenderInput } from './manifests/manifest.ts';

export const KUBECONFIG_KEY = 'kubeconfig';
/** The Secrets with the certificates of the programs and of the operator. */
export const MOUNTED = [
  'etcdTls',
  'apiServerTls',
  'konnectivityTls',
  'controllerManagerTls',
  'schedulerTls',
  'operatorTls',
] as const;

const hash = (value: unknown) => sha256(canonicalJson(value)).slice(0, 16);

/** The Secrets of the programs: certificates, and the kubeconfigs that use them. */
export function credentialSecrets(input: RenderInput, texts: CredentialTexts): Desired[] {
  const { names, namespace } = input;
  const loopback = fileKubeconfig(`https://127.0.0.1:${API_PORT}`);
  const byService = fileKubeconfig(`https://${names.apiServer}.${namespace}.svc:443`);
  const kubeconfigs: Partial<Record<(typeof MOUNTED)[number], string>> = {
    konnectivityTls: loopback,
    controllerManagerTls: byService,
    schedulerTls: byService,
  };
  return MOUNTED.map((key) => {
    const kubeconfig = kubeconfigs[key];
    return secret(input, names[key], { ...texts[key], ...(kubeconfig && { kubeconfig }) });
  });
}

/** The tenant owner's kubeconfig: by the first external address of the spec, or by the endpoint. */
export function kubeconfigSecret(
  input: RenderInput,
  texts: CredentialTexts,
  endpoints: TenantEndpoints,
): Desired {
  const { spec, names } = input;
  const { host, port } = endpoints.apiServer;
  const server = urlOf({ host: spec.external[0] ?? host, port });
  const kubeconfig = adminKubeconfig(texts.operatorTls ?? {}, server);
  return secret(input, names.kubeconfig, { [KUBECONFIG_KEY]: kubeconfig }, { [ANNOTATION.entry]: host });
}

const secret = (
  input: RenderInput,
  name: string,
  texts: Texts,
  annotations?: Record<string, string>,
): Desired => ({
  resource: secrets,
  manifest: {
    metadata: { ...metadata(input, name), ...(annotations && { annotations }) },
    type: 'Opaque',
    data: dataOf(texts),
  },
});

/** A hash for each program: its pods are replaced when it changes. */
export const hashesOf = (texts: CredentialTexts): RenderInput['hashes'] => ({
  etcd: hash(texts.etcdTls?.['etcd-ca.crt']),
  apiServer: hash([texts.apiServerTls, texts.konnectivityTls]),
  controllerManager: hash(texts.controllerManagerTls),
  scheduler: hash(texts.schedulerTls),
});

/** All workloads, with their configuration, budgets and network policies. */
export const workloads = (input: RenderInput): Desired[] => [
  ...etcd(input),
  apiServerConfig(input),
  ...apiServer(input),
  ...controllers(input),
];
