import { ANNOTATION, canonicalJson, sha256 } from '#api/contract/names.ts';
import { secrets } from '#kube/resources.ts';
import { dataOf } from '#kube/secret-data.ts';
import type { Texts } from './cas.ts';
import type { CredentialTexts } from './credentials.ts';
import { type Entry, urlOf } from './endpoint.ts';
import { adminKubeconfig, fileKubeconfig } from './kubeconfigs.ts';
import { API_PORT, apiServer } from './manifests/api-server.ts';
import { controllers } from './manifests/controllers.ts';
import { etcd } from './manifests/etcd.ts';
import { apiServerConfig } from './manifests/konnectivity.ts';
import { type Blueprint, type Made, metadata } from './manifests/manifest.ts';

export const KUBECONFIG_KEY = 'kubeconfig';
/** The Secrets that the programs, and the operator, get their certificates from. */
export const MOUNTED = [
  'etcdTls',
  'apiServerTls',
  'konnectivityTls',
  'controllerManagerTls',
  'schedulerTls',
  'operatorTls',
] as const;

const hash = (value: unknown) => sha256(canonicalJson(value)).slice(0, 16);

/** The certificates of the programs, and the kubeconfigs that go with them. */
export function credentialSecrets(blueprint: Blueprint, texts: CredentialTexts): Made[] {
  const { names, namespace } = blueprint;
  const own = fileKubeconfig(`https://127.0.0.1:${API_PORT}`);
  const inside = fileKubeconfig(`https://${names.apiServer}.${namespace}.svc:443`);
  const kubeconfigs: Partial<Record<(typeof MOUNTED)[number], string>> = {
    konnectivityTls: own,
    controllerManagerTls: inside,
    schedulerTls: inside,
  };
  return MOUNTED.map((key) => {
    const kubeconfig = kubeconfigs[key];
    return secret(blueprint, names[key], { ...texts[key], ...(kubeconfig && { kubeconfig }) });
  });
}

/** The tenant owner's access from outside; `external` is what the owner calls the entry. */
export function kubeconfigSecret(blueprint: Blueprint, texts: CredentialTexts, entry: Entry): Made {
  const { design, names } = blueprint;
  const { host, port } = entry.apiServer;
  const server = urlOf({ host: design.external[0] ?? host, port });
  const kubeconfig = adminKubeconfig(texts.operatorTls ?? {}, server);
  return secret(blueprint, names.kubeconfig, { [KUBECONFIG_KEY]: kubeconfig }, { [ANNOTATION.entry]: host });
}

const secret = (
  blueprint: Blueprint,
  name: string,
  texts: Texts,
  annotations?: Record<string, string>,
): Made => ({
  of: secrets,
  manifest: {
    metadata: { ...metadata(blueprint, name), ...(annotations && { annotations }) },
    type: 'Opaque',
    data: dataOf(texts),
  },
});

/** What makes each program start anew. */
export const hashesOf = (texts: CredentialTexts): Blueprint['hashes'] => ({
  etcd: hash(texts.etcdTls?.['etcd-ca.crt']),
  apiServer: hash([texts.apiServerTls, texts.konnectivityTls]),
  controllerManager: hash(texts.controllerManagerTls),
  scheduler: hash(texts.schedulerTls),
});

/** Everything that runs, and what guards it. */
export const workloads = (blueprint: Blueprint): Made[] => [
  ...etcd(blueprint),
  apiServerConfig(blueprint),
  ...apiServer(blueprint),
  ...controllers(blueprint),
];
