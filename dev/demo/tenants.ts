/** Two managed clusters: one with a promoted node, one with a worker pod. */
import { API_VERSION } from '#api/contract/names.ts';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import { spareMachine } from '#local/names.ts';
import { aNamespace, type Manifest } from '#test/builders.ts';
import type { TestCluster } from '../cluster/cluster.ts';

export type TenantDemo = { name: string; namespace: string; has: string; spec: VirtualClusterSpec };

const acme: TenantDemo = {
  name: 'acme',
  namespace: 'tenant-acme',
  has: `promoted node ${spareMachine}`,
  spec: {
    promoteResources: { nodes: [spareMachine] },
    pluginSet: { enabled: [{ name: 'metrics-server' }] },
  },
};

const globex: TenantDemo = {
  name: 'globex',
  namespace: 'tenant-globex',
  has: 'worker pods of 1 CPU and 1 GiB',
  spec: {
    promoteResources: { resources: { cpu: 1, memory: '1Gi' } },
    pluginSet: { enabled: [{ name: 'node-local-dns' }] },
  },
};

/** The tenant with a promoted node needs the local cluster, which has a spare machine. */
export const tenants = ({ local }: Pick<TestCluster, 'local'>): TenantDemo[] =>
  local ? [acme, globex] : [globex];

export const tenantManifest = ({ name, namespace, spec }: TenantDemo): Manifest => ({
  apiVersion: API_VERSION,
  kind: 'VirtualCluster',
  metadata: { name, namespace },
  spec,
});

/** Worker pods are privileged: their namespace has to permit that. */
export const tenantNamespace = ({ namespace }: TenantDemo): Manifest =>
  aNamespace(namespace, { 'pod-security.kubernetes.io/enforce': 'privileged' });
