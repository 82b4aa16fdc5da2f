import { isIP } from 'node:net';
import type { KubeClient } from '#kube/client.ts';
import { type KubeObject, type Resource, resource } from '#kube/resource.ts';
import type { Endpoint } from '#operator/access/tenant.ts';
import { KONNECTIVITY_SERVER, KUBELET_CLIENT } from './certificates.ts';

type TenantObject = { of: Resource<KubeObject>; namespace?: string; name: string; body: object };

const RBAC = 'rbac.authorization.k8s.io';
const clusterRoles = resource(`${RBAC}/v1`, 'ClusterRole', 'clusterroles', { namespaced: false });
const bindings = resource(`${RBAC}/v1`, 'ClusterRoleBinding', 'clusterrolebindings', { namespaced: false });
const endpoints = resource('v1', 'Endpoints', 'endpoints');
const slices = resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices');

const CSR = 'system:certificates.k8s.io:certificatesigningrequests';
const FLANNEL = 'pinion:flannel';

type Subject = { kind: 'Group' | 'User'; name: string };
const group = (name: string): Subject => ({ kind: 'Group', name });
const user = (name: string): Subject => ({ kind: 'User', name });

/** Who may do what in a tenant from its beginning, besides what Kubernetes itself sets up. */
const GRANTS: readonly (readonly [name: string, role: string, subject: Subject])[] = [
  ['pinion:bootstrap', 'system:node-bootstrapper', group('system:bootstrappers')],
  ['pinion:approve-bootstrap', `${CSR}:nodeclient`, group('system:bootstrappers')],
  ['pinion:approve-renewal', `${CSR}:selfnodeclient`, group('system:nodes')],
  // kube-proxy and flanneld of a node go by its kubelet's certificate.
  ['pinion:node-proxier', 'system:node-proxier', group('system:nodes')],
  [FLANNEL, FLANNEL, group('system:nodes')],
  ['pinion:kubelet-api', 'system:kubelet-api-admin', user(KUBELET_CLIENT)],
  ['pinion:konnectivity-server', 'system:auth-delegator', user(KONNECTIVITY_SERVER)],
];

/** What a tenant needs before nodes can join: rights of nodes, and where its own pods find the API server. */
function tenantObjects(entry: Endpoint): TenantObject[] {
  const flannel: TenantObject = {
    of: clusterRoles,
    name: FLANNEL,
    body: {
      rules: [
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ],
    },
  };
  const granted = GRANTS.map(
    ([name, role, subject]): TenantObject => ({
      of: bindings,
      name,
      body: {
        roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup: RBAC, ...subject }],
      },
    }),
  );
  return [flannel, ...granted, ...kubernetesService(entry)];
}

/** The API servers know their own pods' addresses only, which no node of the tenant reaches. */
function kubernetesService({ host, port }: Endpoint): TenantObject[] {
  // A load balancer that has only a name can't be written there: its tenant's pods go by the kubeconfig.
  if (isIP(host) === 0) return [];
  const ports = [{ name: 'https', protocol: 'TCP', port }];
  const at = { namespace: 'default', name: 'kubernetes' };
  return [
    {
      ...at,
      of: endpoints,
      body: {
        metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
        subsets: [{ addresses: [{ ip: host }], ports }],
      },
    },
    {
      ...at,
      of: slices,
      body: {
        metadata: { labels: { 'kubernetes.io/service-name': 'kubernetes' } },
        addressType: `IPv${isIP(host)}`,
        endpoints: [{ addresses: [host], conditions: { ready: true } }],
        ports,
      },
    },
  ];
}

/** Applies them in the tenant. @throws ApiError */
export async function setUpTenant(client: KubeClient, entry: Endpoint): Promise<void> {
  await Promise.all(
    tenantObjects(entry).map(({ of, namespace, name, body }) => {
      const given = (body as { metadata?: object }).metadata;
      const metadata = { ...given, name, ...(namespace && { namespace }) };
      return client.patch(of, { namespace, name }, { ...body, metadata }, { form: 'apply' });
    }),
  );
}
