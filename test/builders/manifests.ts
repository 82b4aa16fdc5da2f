import { API_VERSION } from '#api/contract/names.ts';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';

/** A manifest as a user applies it. */
export type Manifest = { apiVersion: string; kind: string; metadata: object; [key: string]: unknown };

/** A change of a manifest that a builder has built. */
type Modifier = (manifest: Manifest) => Manifest;

const modified = (manifest: Manifest, modifiers: readonly Modifier[]): Manifest =>
  modifiers.reduce((current, modify) => modify(current), manifest);

/** Sets fields of the spec; the others stay. */
export const withSpecFields =
  (fields: object): Modifier =>
  ({ spec, ...manifest }) => ({ ...manifest, spec: { ...(spec as object), ...fields } });

/** Replaces the whole spec. */
export const withSpec =
  (spec: object): Modifier =>
  (manifest) => ({ ...manifest, spec });

export const withLabels =
  (labels: Record<string, string>): Modifier =>
  ({ metadata, ...manifest }) => ({ ...manifest, metadata: { ...metadata, labels } });

export const aPlugin = (namespace: string, name: string, spec: object): Manifest => ({
  apiVersion: API_VERSION,
  kind: 'VirtualClusterPlugin',
  metadata: { namespace, name },
  spec: spec satisfies Partial<VirtualClusterPluginSpec>,
});

/** A VirtualCluster that stands for the cluster of the Secret `target` and enables these plugins. */
export function aVirtualCluster(
  namespace: string,
  name: string,
  plugins: string[],
  ...modifiers: Modifier[]
): Manifest {
  const spec: VirtualClusterSpec = {
    kubeconfigSecretRef: { name: 'target' },
    pluginSet: { enabled: plugins.map((plugin) => ({ name: plugin })) },
  };
  return modified(
    { apiVersion: API_VERSION, kind: 'VirtualCluster', metadata: { namespace, name }, spec },
    modifiers,
  );
}

export const aNamespace = (name: string, ...modifiers: Modifier[]): Manifest =>
  modified({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, modifiers);

export const aSecret = (
  namespace: string,
  name: string,
  stringData: Record<string, string>,
  ...modifiers: Modifier[]
): Manifest =>
  modified({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData }, modifiers);
