import { LABEL, labelValue } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';

/** Labels of everything that is made in the host for a cluster; `component` says what it is part of. */
export const clusterLabels = ({ metadata }: VirtualCluster, component: string): Record<string, string> => ({
  [LABEL.component]: component,
  [LABEL.clusterNamespace]: metadata.namespace,
  [LABEL.clusterName]: labelValue(metadata.name),
  [LABEL.clusterUid]: metadata.uid,
});
