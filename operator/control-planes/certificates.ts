import type { Leaf } from '#kube/certificates/issue.ts';
import type { Names } from './names.ts';
import { CLUSTER_DOMAIN } from './spec.ts';

/** The three CAs of a control plane: a certificate of one proves nothing to the others. */
export const AUTHORITIES = ['ca', 'front-proxy-ca', 'etcd-ca'] as const;
export type AuthorityName = (typeof AUTHORITIES)[number];

/** A certificate of a control plane: in which Secret it is, under which name, who signs it. */
export type WantedLeaf = {
  secret: keyof Names;
  name: string;
  authority: AuthorityName;
  leaf: Leaf;
  /** Names that it must be good for; `leaf.names` may have more, for which alone none is made anew. */
  required: readonly string[];
};

/** Names and addresses of a control plane, inside and outside. */
export type Addresses = {
  namespace: string;
  names: Names;
  clusterIP: string;
  /** First Service address of the tenant: what its pods call the API server. */
  kubernetesIP: string;
  external: readonly string[];
  /** Addresses of host nodes that may become the entry. */
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
export function leavesOf(at: Addresses): WantedLeaf[] {
  const { names, namespace } = at;
  const apiServerNames = [
    'localhost',
    '127.0.0.1',
    ...serviceNames('kubernetes', 'default'),
    ...serviceNames(names.apiServer, namespace),
    at.kubernetesIP,
    at.clusterIP,
    ...at.external,
  ];
  const etcdNames = ['localhost', '127.0.0.1', ...serviceNames(names.etcd, namespace)];
  const server = (
    secret: keyof Names,
    authority: AuthorityName,
    required: readonly string[],
    client = false,
  ) =>
    ({
      secret,
      name: 'server',
      authority,
      required,
      leaf: {
        commonName: names[authority === 'etcd-ca' ? 'etcd' : 'apiServer'],
        // A node that becomes the entry later is in it already.
        names: [...new Set(authority === 'ca' ? [...required, ...at.candidates] : required)],
        usages: client ? (['server', 'client'] as const) : (['server'] as const),
      },
    }) satisfies WantedLeaf;
  const client = (
    secret: keyof Names,
    commonName: string,
    {
      name = 'client',
      authority = 'ca',
      organizations = [] as string[],
    }: Partial<WantedLeaf> & { organizations?: string[] } = {},
  ): WantedLeaf => ({
    secret,
    name,
    authority,
    required: [],
    leaf: { commonName, organizations, usages: ['client'] },
  });
  return [
    // etcd is a client as well: its own gateway dials it.
    server('etcdTls', 'etcd-ca', etcdNames, true),
    server('apiServerTls', 'ca', apiServerNames),
    client('apiServerTls', KUBELET_CLIENT, { name: 'kubelet-client' }),
    client('apiServerTls', 'kube-apiserver', { name: 'etcd-client', authority: 'etcd-ca' }),
    client('apiServerTls', FRONT_PROXY_CLIENT, { name: 'front-proxy-client', authority: 'front-proxy-ca' }),
    server('konnectivityTls', 'ca', apiServerNames),
    client('konnectivityTls', KONNECTIVITY_SERVER),
    client('controllerManagerTls', 'system:kube-controller-manager'),
    client('schedulerTls', 'system:kube-scheduler'),
    client('operatorTls', 'pinion-operator', { organizations: [MASTERS] }),
    client('operatorTls', 'pinion-admin', { name: 'admin', organizations: [MASTERS] }),
  ];
}
