/** Names, labels and annotations that operator, webhook, executor and users agree on. */
import { createHash } from 'node:crypto';

export const GROUP = 'kosmos.io';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
export const CATALOGUE_NAMESPACE = 'pinion-catalogue';
export const SYSTEM_NAMESPACE = 'pinion-system';
export const FINALIZER = `${GROUP}/pinion`;
export const FIELD_MANAGER = 'pinion';

export const LABEL = {
  component: 'app.kubernetes.io/component',
  clusterNamespace: `${GROUP}/cluster-namespace`,
  clusterName: `${GROUP}/cluster-name`,
  clusterUid: `${GROUP}/cluster-uid`,
  /** The plugin's name, cut to 63 characters; the whole name is in the annotation `plugin`. */
  pluginName: `${GROUP}/plugin-name`,
  /** On the nodes of a managed cluster: `Worker` or `Promoted`. */
  nodeKind: `${GROUP}/node-kind`,
  /** `true` on a Secret that a source may name in `secretRef`. */
  sourceCredentials: `${GROUP}/source-credentials`,
} as const;

/** Value of `LABEL.component` on executor Jobs, their pods, Secrets and log ConfigMaps. */
export const EXECUTOR_COMPONENT = 'plugin-executor';

/** Value of `LABEL.component` on PluginInstallations. */
export const INSTALLATION_COMPONENT = 'plugin-installation';

/** Values of `LABEL.component` on the host objects of a managed cluster. */
export const CONTROL_PLANE_COMPONENT = 'control-plane';
export const WORKER_COMPONENT = 'worker-node';
export const PROMOTED_COMPONENT = 'promoted-node';

/** In `promoteResources.resources`: the minimum number of worker pods; ignored without cpu and memory. */
export const LEAST_WORKERS = `${GROUP}/workers`;

export const ANNOTATION = {
  plugin: `${GROUP}/plugin`,
  pluginUid: `${GROUP}/plugin-uid`,
  /** The generation of the plugin that the operator planned with. */
  pluginGeneration: `${GROUP}/plugin-generation`,
  /** The generation of the plugin that the webhook injected; the operator unsuspends only when it matches. */
  injectedGeneration: `${GROUP}/injected-generation`,
  digest: `${GROUP}/digest`,
  /** On a pod or Job: a hash of the administrator's settings that it was created with; absent for none. */
  podSettings: `${GROUP}/pod-settings`,
  /** On a managed cluster's kubeconfig Secret: the host's address at which its nodes reach the API server. */
  entry: `${GROUP}/entry`,
  /** On a host node: the VirtualCluster that it is promoted into, as namespace/name/uid. */
  heldBy: `${GROUP}/held-by`,
  /** On a VirtualCluster: change the value to retry failed plugins. */
  retry: `${GROUP}/retry`,
  /** On a VirtualCluster: a shorter lifetime of its control plane's certificates than the operator's flag sets. */
  certificateLifetime: `${GROUP}/certificate-lifetime`,
} as const;

/** Sha256 as lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with sorted keys, so that equal values have equal digests. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** A label value of at most 63 characters that ends in an alphanumeric one. */
export function labelValue(name: string): string {
  return name.slice(0, 63).replace(/[^A-Za-z0-9]+$/, '');
}

/**
 * The name of the Job that installs one plugin in one cluster in one state. It is derived from the inputs, so that a
 * second reconcile finds the Job instead of creating another.
 */
export function jobName(of: {
  plugin: string;
  clusterUid: string;
  pluginUid: string;
  digest: string;
  retry: string;
}): string {
  const hash = sha256([of.clusterUid, of.pluginUid, of.digest, of.retry].join('\n'));
  const digits = (BigInt(`0x${hash.slice(0, 16)}`) % 10_000_000_000n).toString().padStart(10, '0');
  return `executor-${of.plugin.slice(0, 40).replace(/[^a-z0-9]+$/, '')}-${digits}`.replaceAll('.', '-');
}

/**
 * The name of the PluginInstallation of a plugin in a cluster: `cluster.plugin`, and with a hash where that could be
 * the name of another pair or is longer than 253 characters.
 */
export function installationName(cluster: string, plugin: string): string {
  const plain = `${cluster}.${plugin}`;
  const isUnique = !cluster.includes('.') && !/-[0-9a-f]{10}$/.test(plugin);
  if (isUnique && plain.length <= 253) return plain;
  const hash = sha256(`${cluster}\n${plugin}`).slice(0, 10);
  return `${plain.slice(0, 240).replace(/[^a-z0-9]+$/, '')}-${hash}`;
}
