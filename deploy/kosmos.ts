/** The fields of a Deployment that show whose operator it is. */
export type Deployment = {
  metadata: { namespace: string; name: string };
  spec: { replicas?: number; template: { spec: { containers: { image: string }[] } } };
};

/** Kosmos's operators that own VirtualCluster; its other components work beside Pinion. */
const OPERATORS = /(^|\/)(kosmos-operator|virtual-cluster-operator)(:|@|$)/;

/** The running operators of Kosmos, as namespace/name. Two operators of one kind would undo each other's work. */
export function kosmosOperators(deployments: Deployment[]): string[] {
  return deployments
    .filter(({ spec }) => spec.replicas !== 0)
    .filter(({ spec }) => spec.template.spec.containers.some(({ image }) => OPERATORS.test(image)))
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}
