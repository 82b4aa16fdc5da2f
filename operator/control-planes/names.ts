import { CONTROL_PLANE_COMPONENT, LABEL, sha256 } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { clusterLabels } from '#operator/host/labels.ts';

/** Label values and Service names end at 63 characters; a label of a StatefulSet's pods adds eleven to its name. */
const LONGEST_BASE = 40;

export const SUFFIXES = {
  pki: 'pki',
  etcd: 'etcd',
  apiServer: 'apiserver',
  controllerManager: 'controller-manager',
  scheduler: 'scheduler',
  kubeconfig: 'kubeconfig',
  operatorTls: 'operator-tls',
  etcdTls: 'etcd-tls',
  apiServerTls: 'apiserver-tls',
  konnectivityTls: 'konnectivity-tls',
  controllerManagerTls: 'controller-manager-tls',
  schedulerTls: 'scheduler-tls',
} as const;

/** Names of a control plane's objects. */
export type Names = Record<keyof typeof SUFFIXES, string>;

/**
 * `<vc>-apiserver` and so on. A cluster's name that a Service can't carry (too long, with a dot, or beginning with a
 * digit) is shortened, and a hash keeps it unique.
 */
export function namesOf(cluster: string): Names {
  const plain = /^[a-z][a-z0-9-]*$/.test(cluster) && cluster.length <= LONGEST_BASE;
  const base = plain ? cluster : distinct(cluster);
  return Object.fromEntries(
    Object.entries(SUFFIXES).map(([key, suffix]) => [key, `${base}-${suffix}`]),
  ) as Names;
}

function distinct(cluster: string): string {
  const letters = `${/^[a-z]/.test(cluster) ? '' : 'vc-'}${cluster.replaceAll('.', '-')}`;
  const room = LONGEST_BASE - 9;
  return `${letters.slice(0, room).replace(/-+$/, '')}-${sha256(cluster).slice(0, 8)}`;
}

/** Labels of every object of a control plane. */
export const labelsOf = (cluster: VirtualCluster): Record<string, string> => ({
  'app.kubernetes.io/part-of': 'pinion',
  ...clusterLabels(cluster, CONTROL_PLANE_COMPONENT),
});

/** A label selector for every object of one control plane. */
export const selectorOf = ({ metadata }: VirtualCluster): string =>
  `${LABEL.component}=${CONTROL_PLANE_COMPONENT},${LABEL.clusterUid}=${metadata.uid}`;
