import type { PluginInstallation, VirtualCluster } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import { type ObjectName, objectKey } from '#kube/resource.ts';

/** Why installations of a cluster could not be written, by plugin. */
export type Unwritten = ReadonlyMap<string, Problem>;

/** The API server refused the write, or did not answer. */
export const notWritten = (name: ObjectName, error: unknown): Problem => ({
  reason: 'InstallationNotWritten',
  message: `PluginInstallation ${objectKey(name)} could not be written: ${(error as Error).message}; it is tried again every few seconds`,
});

/** Something else has the name. */
export const nameTaken = (
  { namespace, name }: PluginInstallation['metadata'],
  cluster: VirtualCluster,
): Problem => ({
  reason: 'InstallationNameTaken',
  message: `PluginInstallation ${namespace}/${name} already exists and does not belong to VirtualCluster ${cluster.metadata.name}; look at it, then delete it: kubectl delete pinst -n ${namespace} ${name}`,
});
