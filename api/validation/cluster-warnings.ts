import { LEAST_WORKERS } from '../contract/names.ts';
import { isExisting, type VirtualClusterSpec } from '../kinds/virtualcluster.ts';
import { quantityValue } from '../quantity.ts';
import { controlPlaneProblems } from './control-plane.ts';

/** What is legal in a VirtualCluster and probably not meant so. */
export function clusterWarnings(spec: VirtualClusterSpec): string[] {
  const warnings = isExisting(spec) ? warningsOfExisting(spec) : warningsOfManaged(spec);
  if (spec.kubeconfig === undefined) return warnings;
  const readable =
    'spec.kubeconfig is readable by everyone who may read this object; prefer spec.kubeconfigSecretRef: {name: my-cluster}';
  return [readable, ...warnings];
}

const OF_MANAGED = [
  'promoteResources',
  'promotePolicies',
  'kubeInKubeConfig',
  'externalIP',
  'externalIps',
  'version',
] as const;

const warningsOfExisting = (spec: VirtualClusterSpec): string[] =>
  OF_MANAGED.filter((field) => spec[field] !== undefined).map(
    (field) => `spec.${field} has no effect on a cluster that exists already (a kubeconfig is given)`,
  );

/** Settings of Kosmos that have no meaning here. */
const NOT_HONOURED = ['admissionPlugins', 'anpMode', 'useTenantDNS', 'useNodeLocalDNS'] as const;

function warningsOfManaged(spec: VirtualClusterSpec): string[] {
  const { kubeInKubeConfig = {} } = spec;
  const warnings = NOT_HONOURED.filter((field) => kubeInKubeConfig[field] !== undefined).map(
    (field) =>
      `spec.kubeInKubeConfig.${field} is accepted for manifests written for Kosmos and has no effect`,
  );
  const { message: impossible } = controlPlaneProblems(spec).find(({ inKosmos }) => inKosmos) ?? {};
  if (impossible) warnings.push(impossible);
  const unknown = Object.keys(spec.promoteResources?.resources ?? {}).filter((name) => !COUNTED.has(name));
  for (const name of unknown) {
    warnings.push(
      `spec.promoteResources.resources.${name} can't be had, and no worker pod is made while it is asked for: they have cpu and memory; remove it`,
    );
  }
  if (!asksForNodes(spec)) {
    warnings.push(
      'no nodes are asked for, so nothing can run in this cluster; name some in spec.promoteResources.nodes, or ask for capacity: promoteResources: {resources: {cpu: 2, memory: 4Gi}}',
    );
  }
  return warnings;
}

const CAPACITY = ['cpu', 'memory'];
const COUNTED = new Set([...CAPACITY, LEAST_WORKERS]);

function asksForNodes({ promoteResources = {}, promotePolicies = [] }: VirtualClusterSpec): boolean {
  const { nodes = [], nodeInfos = [], resources = {} } = promoteResources;
  const hasCapacity = CAPACITY.some((name) => quantityValue(resources[name] ?? 0) > 0);
  const hasPolicy = promotePolicies.some(({ nodeCount = 0 }) => nodeCount > 0);
  return nodes.length > 0 || nodeInfos.length > 0 || hasCapacity || hasPolicy;
}
