import { LABEL } from '#api/contract/names.ts';
import type { Reference } from '#api/validation/references.ts';
import type { Clock } from '#kube/clock.ts';
import { isForbidden } from '#kube/errors.ts';
import { nodeConflict } from '#kube/node-conflict.ts';
import type { KubeObject, ObjectName, Resource } from '#kube/resource.ts';
import { claims, configMaps, nodes, secrets, virtualClusterPlugins } from '#kube/resources.ts';
import { within } from './deadline.ts';
import type { ObjectReader } from './object-reader.ts';

const KINDS: Record<Reference['kind'], Resource<KubeObject>> = {
  PersistentVolumeClaim: claims,
  Node: nodes,
  Secret: secrets,
  ConfigMap: configMaps,
  VirtualClusterPlugin: virtualClusterPlugins,
};

/** Where a claim is and which nodes can mount it is in its spec and its volume's; of other kinds metadata is enough. */
const READ_WHOLE = new Set(['PersistentVolumeClaim', 'PersistentVolume']);

/** Warnings about objects that a spec names and that are missing or not usable. */
export type ReferenceChecker = (references: readonly Reference[]) => Promise<string[]>;

/** Time for the look-ups, then for volumes: well below the 5 s that the API server waits for an answer. */
const LOOK_UP_MS = 2_500;
const VOLUMES_MS = 1_250;

/** Looks references up. Objects that can't be read in time, or at all, give no warning. */
export function referenceChecker({
  reader,
  clock,
}: {
  reader: ObjectReader;
  clock: Clock;
}): ReferenceChecker {
  const read = <T extends KubeObject>(of: Resource<T>, name: ObjectName) =>
    reader.find(of, name, { metadataOnly: !READ_WHOLE.has(of.kind) });
  return async (references) => {
    const lookUps = references.map(async (reference) => ({ reference, result: await find(read, reference) }));
    try {
      const results = await within(clock, LOOK_UP_MS, 'looking up references', Promise.all(lookUps));
      const existing = results.flatMap(({ reference, result }) =>
        typeof result === 'object' ? [{ ...reference, namespace: reference.namespaces[0] }] : [],
      );
      const conflict = await within(clock, VOLUMES_MS, 'reading volumes', nodeConflict(read, existing));
      return [
        ...results.flatMap(({ reference, result }) => warningsOf(reference, result)),
        ...(conflict === undefined ? [] : [conflict]),
      ];
    } catch {
      return [];
    }
  };
}

type Result = KubeObject | 'missing' | 'unknown';

async function find(
  read: (of: Resource<KubeObject>, name: ObjectName) => Promise<KubeObject | undefined>,
  { kind, name, namespaces }: Reference,
): Promise<Result> {
  try {
    for (const namespace of namespaces.length === 0 ? [undefined] : namespaces) {
      const object = await read(KINDS[kind], { namespace, name });
      if (object) return object;
    }
    return 'missing';
  } catch (error) {
    if (isForbidden(error)) return 'unknown';
    throw error;
  }
}

function warningsOf(reference: Reference, result: Result): string[] {
  const { kind, name, namespaces, field } = reference;
  const where = namespaces.length === 0 ? '' : ` in ${namespaces.join(' or ')}`;
  if (result === 'unknown') return [];
  if (result === 'missing')
    return [`${field}: no ${kind} "${name}"${where} yet; create it, or correct the name`];
  if (
    kind === 'Secret' &&
    reference.credentials &&
    result.metadata.labels?.[LABEL.sourceCredentials] !== 'true'
  ) {
    return [
      `${field}: Secret "${name}" lacks the label ${LABEL.sourceCredentials}=true, which lets sources use it; label it`,
    ];
  }
  return [];
}
