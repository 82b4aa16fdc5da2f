import type { KubeClient } from '#kube/client.ts';
import { type KubeObject, resource } from '#kube/resource.ts';
import { BOOTSTRAP_GROUP } from './join.ts';

type Role = KubeObject & { rules: object[] };
type Binding = KubeObject & { roleRef: object; subjects: object[] };

const GROUP = 'rbac.authorization.k8s.io';
const roles = resource<Role>(`${GROUP}/v1`, 'ClusterRole', 'clusterroles', { namespaced: false });
const bindings = resource<Binding>(`${GROUP}/v1`, 'ClusterRoleBinding', 'clusterrolebindings', {
  namespaced: false,
});

const NETWORK_ROLE = 'pinion:node-network';
const NODES = 'system:nodes';

/** The rights of nodes in a tenant: who may do what, and why. */
const RIGHTS: { name: string; role: string; group: string }[] = [
  // To ask for a certificate, and to have it signed without a person.
  { name: 'pinion:bootstrap', role: 'system:node-bootstrapper', group: BOOTSTRAP_GROUP },
  {
    name: 'pinion:bootstrap-approval',
    role: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    group: BOOTSTRAP_GROUP,
  },
  {
    name: 'pinion:renewal-approval',
    role: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    group: NODES,
  },
  // kube-proxy and flanneld use the kubelet's certificate.
  { name: 'pinion:node-proxier', role: 'system:node-proxier', group: NODES },
  { name: NETWORK_ROLE, role: NETWORK_ROLE, group: NODES },
];

/** Gives the nodes of a tenant the rights that joining and the pod network need; safe to call again. */
export async function ensureNodeAccess(tenant: KubeClient): Promise<void> {
  if (granted.has(tenant)) return;
  // A kubelet may read only its own node; flanneld routes to all, and to each by what the other wrote on itself.
  const network = { rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }] };
  await tenant.patch(roles, { name: NETWORK_ROLE }, named(NETWORK_ROLE, network), { form: 'apply' });
  for (const { name, role, group } of RIGHTS) {
    const binding = {
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: GROUP, kind: 'Group', name: group }],
    };
    await tenant.patch(bindings, { name }, named(name, binding), { form: 'apply' });
  }
  granted.add(tenant);
}

/** Clients of tenants that have them. A new operator does it once more. */
const granted = new WeakSet<KubeClient>();

const named = <T extends object>(name: string, content: T) => ({ metadata: { name }, ...content });
