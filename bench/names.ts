/** Namespace of everything that the benchmarks create but tenants. */
export const NAMESPACE = 'pinion-bench';
export const FILES_HOST = `files.${NAMESPACE}.svc.cluster.local`;
/** Source credentials: the CA of that host. */
export const FILES_SECRET = 'files-ca';
/** User of the target's kubeconfig: by this name the audit log tells requests to the target from those to the host. */
export const TARGET_USER = 'pinion-bench-target';
