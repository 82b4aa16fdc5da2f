import { LEAST_WORKERS } from '../contract/names.ts';
import { isExisting, type VirtualClusterSpec } from '../kinds/virtualcluster.ts';
import { quantityValue } from '../quantity.ts';
import { controlPlaneProblems } from './control-plane.ts';
import { smallEtcdWarning } from './etcd-size.ts';

/** What is allowed in a VirtualCluster and probably a mistake. */
export function clusterWarnings(spec: VirtualClusterSpec): string[] {
  const warnings = isExisting(spec) ? existingClusterWarnings(spec) : managedClusterWarnings(spec);
  if (spec.kubeconfig === undefined) return warnings;
  const readable =
    'spec.kubeconfig is readable by everyone who may read this object; prefer spec.kubeconfigSecretRef: {name: my-cluster}';
  return [readable, ...warnings];
}

const MANAGED_ONLY = [
  'promoteResources',
  'promotePolicies',
  'kubeInKubeConfig',
  'externalIP',
  'externalIps',
  'version',
] as const;

const existingClusterWarnings = (spec: VirtualClusterSpec): string[] =>
  MANAGED_ONLY.filter((field) => spec[field] !== undefined).map(
    (field) => `spec.${field} has no effect on an existing cluster (a kubeconfig is set)`,
  );

/** Settings of Kosmos that Pinion ignores. */
const NOT_HONOURED = ['admissionPlugins', 'anpMode', 'useTenantDNS', 'useNodeLocalDNS'] as const;

function managedClusterWarnings(spec: VirtualClusterSpec): string[] {
  const { kubeInKubeConfig = {} } = spec;
  const warnings = NOT_HONOURED.filter((field) => kubeInKubeConfig[field] !== undefined).map(
    (field) =>
      `spec.kubeInKubeConfig.${field} is accepted for manifests written for Kosmos and has no effect`,
  );
  const small = smallEtcdWarning(kubeInKubeConfig.etcdUnitSize);
  if (small) warnings.push(small);
  const { message: impossible } = controlPlaneProblems(spec).find(({ inKosmos }) => inKosmos) ?? {};
  if (impossible) warnings.push(impossible);
  const unknown = Object.keys(spec.promoteResources?.resources ?? {}).filter((name) => !COUNTED.has(name));
  for (const name of unknown) {
    warnings.push(
      `spec.promoteResources.resources.${name} is not supported: worker pods provide cpu and memory only. Remove it; until then no worker pod is created`,
    );
  }
  if (!requestsNodes(spec)) {
    warnings.push(
      'no nodes are requested, so nothing can run in this cluster; list some in spec.promoteResources.nodes, or request capacity: promoteResources: {resources: {cpu: 2, memory: 4Gi}}',
    );
  }
  return warnings;
}

const CAPACITY = ['cpu', 'memory'];
const COUNTED = new Set([...CAPACITY, LEAST_WORKERS]);

function requestsNodes({ promoteResources = {}, promotePolicies = [] }: VirtualClusterSpec): boolean {
  const { nodes = [], nodeInfos = [], resources = {} } = promoteResources;
  const hasCapacity = CAPACITY.some((name) => quantityValue(resources[name] ?? 0) > 0);
  const hasPolicy = promotePolicies.some(({ nodeCount = 0 }) => nodeCount > 0);
  return nodes.length > 0 || nodeInfos.length > 0 || hasCapacity || hasPolicy;
}
