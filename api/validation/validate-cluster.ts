import type { ObjectMeta, VirtualCluster } from '../kinds/objects.ts';
import { type VirtualClusterSpec, virtualClusterSpec } from '../kinds/virtualcluster.ts';
import { decodeKubeconfig } from '../kubeconfig.ts';
import { valuesErrors } from '../payloads/values.ts';
import { type FieldProblem, problemsOf } from '../problem.ts';
import { clusterWarnings } from './cluster-warnings.ts';
import { problemOfIssue, type Unchecked, type Validation } from './field-problem.ts';
import { managedErrors } from './managed-errors.ts';

/** Checks a VirtualCluster; its spec may be anything. */
export function validateCluster(cluster: VirtualCluster | Unchecked<VirtualCluster>): Validation {
  const parsed = virtualClusterSpec.safeParse(cluster.spec);
  if (!parsed.success) return { errors: parsed.error.issues.map(problemOfIssue), warnings: [] };
  const spec = parsed.data;
  const errors = [
    ...clusterNameErrors(cluster.metadata),
    ...kubeconfigErrors(spec),
    ...managedErrors(spec),
    ...pluginSetErrors(spec),
    ...(spec.pluginSet?.enabled ?? []).flatMap(({ values }, i) =>
      valuesErrors(values, `spec.pluginSet.enabled[${i}].values`),
    ),
  ];
  return { errors, warnings: clusterWarnings(spec) };
}

function clusterNameErrors({ name }: ObjectMeta): FieldProblem[] {
  if (name.length <= 63) return [];
  const message = `metadata.name has ${name.length} characters; the name of a VirtualCluster may have at most 63, like team-a`;
  return [{ field: 'metadata.name', message }];
}

function kubeconfigErrors({ kubeconfig, kubeconfigSecretRef }: VirtualClusterSpec): FieldProblem[] {
  if (kubeconfig === undefined) return [];
  const field = 'spec.kubeconfig';
  if (kubeconfigSecretRef !== undefined) {
    return [
      {
        field,
        message: `${field} and spec.kubeconfigSecretRef can't both be set; keep kubeconfigSecretRef`,
      },
    ];
  }
  return problemsOf(field, () => decodeKubeconfig(kubeconfig));
}

function pluginSetErrors({ pluginSet }: VirtualClusterSpec): FieldProblem[] {
  const disabled = new Set((pluginSet?.disabled ?? []).map(({ name }) => name));
  const both = (pluginSet?.enabled ?? []).filter(({ name }) => disabled.has(name));
  const field = 'spec.pluginSet';
  return both.map(({ name }) => ({
    field,
    message: `${field} has "${name}" in both enabled and disabled; remove it from one of them`,
  }));
}
