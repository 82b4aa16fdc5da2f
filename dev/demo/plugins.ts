import { aPlugin, aVirtualCluster, type Manifest } from '#test/builders.ts';
import {
  CLAIM,
  CLUSTER,
  CREDENTIALS,
  filesHost,
  NAMESPACE,
  registryHost,
  TARGET,
  TARGET_NAMESPACE,
} from './names.ts';
import { hostFile } from './stores.ts';

const secretRef = { name: CREDENTIALS };

/** One plugin of each kind, from each kind of source, each with a success command. */
export function demoPlugins(nodeName: string): Manifest[] {
  const plugin = (name: string, description: string, successStateCommand: string, pluginSources: object) =>
    aPlugin(NAMESPACE, name, {
      description,
      targetNamespace: TARGET_NAMESPACE,
      pluginSources,
      successStateCommand,
      successStateTimeout: '2m',
    });
  const inTarget = `-n ${TARGET_NAMESPACE}`;
  return [
    plugin(
      'web',
      'A chart in a PersistentVolume.',
      `kubectl rollout status ${inTarget} deployment/web --timeout=30s`,
      {
        chart: {
          storage: { pvPath: `${CLAIM}:/pv/charts/web` },
          values: { greeting: 'hello from the demo' },
        },
      },
    ),
    plugin(
      'queue',
      'A chart in an OCI registry, with values from a file in a PersistentVolume.',
      `kubectl get configmap ${inTarget} queue-topics -o yaml | grep orders,invoices`,
      {
        chart: {
          repo: `oci://${registryHost}/charts`,
          name: 'queue',
          version: '1.0.0',
          secretRef,
          valuesFile: { pvPath: `${CLAIM}:/pv/values/queue.yaml` },
        },
      },
    ),
    plugin(
      'limits',
      `Plain manifests in a directory of the node ${nodeName}.`,
      `kubectl get limitrange ${inTarget} defaults`,
      { yaml: { path: { hostPath: { path: hostFile, nodeName } } } },
    ),
    plugin(
      'guard',
      'A kustomization in an archive on an HTTPS server.',
      `kubectl get resourcequota ${inTarget} guard-pods`,
      { kustomize: { path: { uri: `https://${filesHost}/guard.tgz`, secretRef } } },
    ),
    plugin(
      'dashboard',
      'A chart in a classic repository with an index.yaml.',
      `kubectl get configmap ${inTarget} dashboard -o jsonpath='{.data.title}' | grep Fleet`,
      {
        chart: {
          repo: `https://${filesHost}/`,
          name: 'dashboard',
          version: '1.x',
          secretRef,
          values: 'title: Fleet',
        },
      },
    ),
  ];
}

/** The VirtualCluster that gets all of them. `image` is given to the charts that run something. */
export const demoCluster = (image: string): Manifest =>
  aVirtualCluster(NAMESPACE, CLUSTER, [], {
    kubeconfigSecretRef: { name: TARGET },
    pluginSet: {
      enabled: [
        { name: 'web', values: { image } },
        { name: 'queue', values: { image } },
        ...['limits', 'guard', 'dashboard'].map((name) => ({ name })),
      ],
    },
  });
