/** Namespace of the demo's plugins, its VirtualCluster and its servers. */
export const NAMESPACE = 'pinion-demo';
/** Namespace of the plugins in the target cluster. */
export const TARGET_NAMESPACE = 'demo-apps';
export const CLUSTER = 'demo';

export const filesHost = `files.${NAMESPACE}.svc.cluster.local`;
export const registryHost = `registry.${NAMESPACE}.svc.cluster.local:5000`;
/** Source credentials: the private CA of both. */
export const CREDENTIALS = 'demo-ca';
/** Secret with the admin kubeconfig of the cluster that is equipped. */
export const TARGET = 'demo-target';
/** The claim that the StatefulSet `charts` makes from its template `plugin-store`. */
export const CLAIM = 'plugin-store-charts-0';
