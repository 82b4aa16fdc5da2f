import { LABEL, labelValue } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';

/** Labels of every object in the host that belongs to a VirtualCluster; `component` names the part it belongs to. */
export const clusterLabels = ({ metadata }: VirtualCluster, component: string): Record<string, string> => ({
  [LABEL.component]: component,
  [LABEL.clusterNamespace]: metadata.namespace,
  [LABEL.clusterName]: labelValue(metadata.name),
  [LABEL.clusterUid]: metadata.uid,
});
