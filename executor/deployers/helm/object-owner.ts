import { FIELD_MANAGER } from '#api/contract/names.ts';
import { fieldManager, formerManagers, pluginOfManager } from '#api/contract/target-names.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { handedOver, hasApplied, type ManagedFields } from '../manifests/ownership.ts';

/** Helm's ownership metadata. */
export const RELEASE = {
  name: 'meta.helm.sh/release-name',
  namespace: 'meta.helm.sh/release-namespace',
} as const;
/** Whether annotations say that an object is a release's. */
export const isOfRelease = (
  annotations: Record<string, string>,
  release: { name: string; namespace: string },
): boolean =>
  annotations[RELEASE.name] === release.name && annotations[RELEASE.namespace] === release.namespace;
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** An object's metadata, as far as it says whose the object is. */
export type Found = {
  metadata: {
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    managedFields?: ManagedFields[];
  };
};

/** Whose an object is that a chart has: the release's, this plugin's manifests', another plugin's, or somebody else's. */
export type Owner = { kind: 'release' | 'own' | 'other' } | { kind: 'plugin'; plugin: string };

/** How the executor appears when it creates a namespace. */
const EXECUTOR = 'pinion-executor';

/**
 * Whose an object is. Pure.
 * @param of `isListed`: the plugin's inventory has it
 */
export function ownerOf(
  { metadata }: Found,
  of: { order: WorkOrder; release: string; isListed: boolean; isNamespace: boolean },
): Owner {
  const { annotations = {}, labels = {}, managedFields = [] } = metadata;
  const { order, release } = of;
  const isReleases =
    labels[MANAGED_BY] === 'Helm' &&
    isOfRelease(annotations, { name: release, namespace: order.targetNamespace });
  if (isReleases) return { kind: 'release' };
  if (annotations[RELEASE.name] !== undefined) return { kind: 'other' };
  const own = [fieldManager(order.plugin), ...formerManagers(order.plugin, order.cluster)];
  for (const { manager = '', operation } of managedFields) {
    const plugin = operation === 'Apply' && !own.includes(manager) ? pluginOfManager(manager) : undefined;
    if (plugin !== undefined) return { kind: 'plugin', plugin };
  }
  // The former manager of all plugins says only together with the inventory whose it was.
  const certain = own.filter((manager) => manager !== FIELD_MANAGER || of.isListed);
  const isTargetNamespace =
    of.isNamespace && managedFields.some(({ manager }) => manager === EXECUTOR) && !someApply(managedFields);
  return { kind: hasApplied(managedFields, certain) || isTargetNamespace ? 'own' : 'other' };
}

const someApply = (entries: readonly ManagedFields[]) =>
  entries.some(({ operation }) => operation === 'Apply');

/** Makes an object the release's: Helm's metadata, and Helm as the manager of what the plugin had applied. Pure. */
export function ownershipPatch(
  { metadata }: Found,
  { order, release }: { order: WorkOrder; release: string },
): object {
  const { resourceVersion, managedFields = [] } = metadata;
  const from = [fieldManager(order.plugin), ...formerManagers(order.plugin, order.cluster)];
  return {
    metadata: {
      resourceVersion,
      labels: { [MANAGED_BY]: 'Helm' },
      annotations: { [RELEASE.name]: release, [RELEASE.namespace]: order.targetNamespace },
      managedFields: handedOver(managedFields, from, 'helm'),
    },
  };
}
