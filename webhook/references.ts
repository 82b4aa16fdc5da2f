import { LABEL } from '#api/contract/names.ts';
import type { Reference } from '#api/validation/references.ts';
import type { Clock } from '#kube/clock.ts';
import { isForbidden } from '#kube/errors.ts';
import { type KubeObject, type Resource, resource } from '#kube/resource.ts';
import { within } from './deadline.ts';
import { claims, differentNodes, nodes } from './node-binding.ts';
import type { ObjectReader } from './object-reader.ts';
import { virtualClusterPlugins } from './plugin-reader.ts';

const KINDS: Record<Reference['kind'], Resource<KubeObject>> = {
  PersistentVolumeClaim: claims,
  Node: nodes,
  Secret: resource<KubeObject>('v1', 'Secret', 'secrets'),
  ConfigMap: resource<KubeObject>('v1', 'ConfigMap', 'configmaps'),
  VirtualClusterPlugin: virtualClusterPlugins,
};

/** Warnings about objects that a spec names and that are not there, or not as they must be. */
export type ReferenceChecker = (references: readonly Reference[]) => Promise<string[]>;

/**
 * For the first reads; the reads of volumes that follow get half of it more. The API server gives up after 5 s, and a
 * warning is not worth a refusal.
 */
const LIMIT_MS = 2_500;

/** Looks references up. What can't be read in time, or at all, gives no warning. */
export function referenceChecker({
  reader,
  clock,
}: {
  reader: ObjectReader;
  clock: Clock;
}): ReferenceChecker {
  return async (references) => {
    const looks = references.map(async (reference) => {
      const found = await find(reader, reference);
      return { reference, found };
    });
    try {
      const results = await within(clock, LIMIT_MS, 'looking references up', Promise.all(looks));
      const missing = results.flatMap(({ reference, found }) => warningsOf(reference, found));
      const bound = results.flatMap(({ reference, found }) =>
        typeof found === 'object' ? [{ reference, object: found }] : [],
      );
      return [
        ...missing,
        ...(await within(clock, LIMIT_MS / 2, 'reading volumes', differentNodes(reader, bound))),
      ];
    } catch {
      return [];
    }
  };
}

async function find(reader: ObjectReader, reference: Reference): Promise<KubeObject | 'missing' | 'unknown'> {
  const { kind, name } = reference;
  // A claim's spec names its volume; of all else, and of Secrets above all, metadata is enough.
  const scopes = reference.namespaces.length === 0 ? [undefined] : reference.namespaces;
  try {
    for (const namespace of scopes) {
      const found = await reader.find(
        KINDS[kind],
        { namespace, name },
        { metadataOnly: kind !== 'PersistentVolumeClaim' },
      );
      if (found) return found;
    }
    return 'missing';
  } catch (error) {
    if (isForbidden(error)) return 'unknown';
    throw error;
  }
}

function warningsOf(reference: Reference, found: KubeObject | 'missing' | 'unknown'): string[] {
  const { kind, name, namespaces, field } = reference;
  const where = namespaces.length === 0 ? '' : ` in ${namespaces.join(' or ')}`;
  if (found === 'unknown') return [];
  if (found === 'missing')
    return [`${field}: no ${kind} "${name}"${where} yet; create it, or correct the name`];
  if (
    kind === 'Secret' &&
    reference.credentials &&
    found.metadata.labels?.[LABEL.sourceCredentials] !== 'true'
  ) {
    return [
      `${field}: Secret "${name}" lacks the label ${LABEL.sourceCredentials}=true, without which no source may use it`,
    ];
  }
  return [];
}
