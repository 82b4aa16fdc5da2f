import type { Leaf } from '#kube/certificates/issue.ts';
import type { Names } from './names.ts';
import { CLUSTER_DOMAIN } from './spec.ts';

/** The three CAs of a control plane: a certificate of one proves nothing to the others. */
export const CAS = ['ca', 'front-proxy-ca', 'etcd-ca'] as const;
export type CaName = (typeof CAS)[number];

/** A certificate of a control plane: the Secret that holds it, its name there, and the CA that signs it. */
export type WantedCertificate = {
  secret: keyof Names;
  name: string;
  ca: CaName;
  leaf: Leaf;
  /** Names that it must be valid for. `leaf.names` may hold more, but a certificate that lacks those is not renewed. */
  required: readonly string[];
};

/** Names and addresses of a control plane, inside and outside. */
export type Addresses = {
  namespace: string;
  names: Names;
  clusterIP: string;
  /** First Service address of the tenant: its pods reach the API server there. */
  kubernetesIP: string;
  external: readonly string[];
  /** Addresses of all host nodes: each may become the endpoint. */
  candidates: readonly string[];
};

export const MASTERS = 'system:masters';
export const KUBELET_CLIENT = 'pinion:kube-apiserver-kubelet-client';
export const KONNECTIVITY_SERVER = 'system:konnectivity-server';
export const FRONT_PROXY_CLIENT = 'front-proxy-client';

const serviceNames = (name: string, namespace: string) => [
  name,
  `${name}.${namespace}`,
  `${name}.${namespace}.svc`,
  `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`,
];

/** All certificates of a control plane. */
export function wantedCertificates(at: Addresses): WantedCertificate[] {
  const apiServerNames = [
    'localhost',
    '127.0.0.1',
    ...serviceNames('kubernetes', 'default'),
    ...serviceNames(at.names.apiServer, at.namespace),
    at.kubernetesIP,
    at.clusterIP,
    ...at.external,
  ];
  // A host node that becomes the endpoint later is in the certificate already.
  const apiServer = {
    commonName: at.names.apiServer,
    names: [...new Set([...apiServerNames, ...at.candidates])],
    usages: ['server'],
  } as const;
  return [
    etcdServer(at),
    { secret: 'apiServerTls', name: 'server', ca: 'ca', required: apiServerNames, leaf: apiServer },
    client('apiServerTls', KUBELET_CLIENT, { name: 'kubelet-client' }),
    client('apiServerTls', 'kube-apiserver', { name: 'etcd-client', ca: 'etcd-ca' }),
    client('apiServerTls', FRONT_PROXY_CLIENT, { name: 'front-proxy-client', ca: 'front-proxy-ca' }),
    { secret: 'konnectivityTls', name: 'server', ca: 'ca', required: apiServerNames, leaf: apiServer },
    client('konnectivityTls', KONNECTIVITY_SERVER),
    client('controllerManagerTls', 'system:kube-controller-manager'),
    client('schedulerTls', 'system:kube-scheduler'),
    client('operatorTls', 'pinion-operator', { organizations: [MASTERS] }),
    client('operatorTls', 'pinion-admin', { name: 'admin', organizations: [MASTERS] }),
  ];
}

/** etcd is a client as well: its own gateway dials it. */
function etcdServer({ names, namespace }: Addresses): WantedCertificate {
  const required = ['localhost', '127.0.0.1', ...serviceNames(names.etcd, namespace)];
  const leaf: Leaf = { commonName: names.etcd, names: required, usages: ['server', 'client'] };
  return { secret: 'etcdTls', name: 'server', ca: 'etcd-ca', required, leaf };
}

function client(
  secret: keyof Names,
  commonName: string,
  {
    name = 'client',
    ca = 'ca',
    organizations = [],
  }: { name?: string; ca?: CaName; organizations?: string[] } = {},
): WantedCertificate {
  return { secret, name, ca, required: [], leaf: { commonName, organizations, usages: ['client'] } };
}
