import { isIP } from 'node:net';
import type { KubeClient } from '#kube/client.ts';
import { type KubeObject, type Resource, resource } from '#kube/resource.ts';
import type { Endpoint } from '#operator/access/tenant.ts';
import { KONNECTIVITY_SERVER, KUBELET_CLIENT } from './certificates.ts';

type TenantObject = { resource: Resource<KubeObject>; namespace?: string; name: string; body: object };

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

/** Role bindings that every tenant gets, besides those that Kubernetes creates. */
const GRANTS: readonly (readonly [name: string, role: string, subject: Subject])[] = [
  ['pinion:bootstrap', 'system:node-bootstrapper', group('system:bootstrappers')],
  ['pinion:approve-bootstrap', `${CSR}:nodeclient`, group('system:bootstrappers')],
  ['pinion:approve-renewal', `${CSR}:selfnodeclient`, group('system:nodes')],
  // kube-proxy and flanneld of a node use its kubelet's certificate.
  ['pinion:node-proxier', 'system:node-proxier', group('system:nodes')],
  [FLANNEL, FLANNEL, group('system:nodes')],
  ['pinion:kubelet-api', 'system:kubelet-api-admin', user(KUBELET_CLIENT)],
  ['pinion:konnectivity-server', 'system:auth-delegator', user(KONNECTIVITY_SERVER)],
];

/** What a tenant needs before nodes can join: the nodes' rights, and the endpoint of the Service `kubernetes`. */
function tenantObjects(endpoint: Endpoint): TenantObject[] {
  const flannel: TenantObject = {
    resource: clusterRoles,
    name: FLANNEL,
    body: {
      rules: [
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ],
    },
  };
  const grants = GRANTS.map(
    ([name, role, subject]): TenantObject => ({
      resource: bindings,
      name,
      body: {
        roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup: RBAC, ...subject }],
      },
    }),
  );
  return [flannel, ...grants, ...kubernetesService(endpoint)];
}

/** The operator writes them, because the API servers know only their pod addresses, which tenants can't reach. */
function kubernetesService({ host, port }: Endpoint): TenantObject[] {
  // A load balancer with only a host name can't be an endpoint: such tenants have no kubernetes Service.
  if (isIP(host) === 0) return [];
  const ports = [{ name: 'https', protocol: 'TCP', port }];
  const at = { namespace: 'default', name: 'kubernetes' };
  return [
    {
      ...at,
      resource: endpoints,
      body: {
        metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
        subsets: [{ addresses: [{ ip: host }], ports }],
      },
    },
    {
      ...at,
      resource: slices,
      body: {
        metadata: { labels: { 'kubernetes.io/service-name': 'kubernetes' } },
        addressType: `IPv${isIP(host)}`,
        endpoints: [{ addresses: [host], conditions: { ready: true } }],
        ports,
      },
    },
  ];
}

/** Applies the objects that a tenant needs before nodes can join. @throws ApiError */
export async function setUpTenant(client: KubeClient, endpoint: Endpoint): Promise<void> {
  await Promise.all(
    tenantObjects(endpoint).map(({ resource, namespace, name, body }) => {
      const extra = (body as { metadata?: object }).metadata;
      const metadata = { ...extra, name, ...(namespace && { namespace }) };
      return client.patch(resource, { namespace, name }, { ...body, metadata }, { form: 'apply' });
    }),
  );
}
