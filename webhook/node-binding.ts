import type { ObjectMeta } from '#api/objects.ts';
import type { Reference } from '#api/references.ts';
import { type KubeObject, resource } from '#kube/resource.ts';
import type { ObjectReader } from './object-reader.ts';

type Claim = { metadata: ObjectMeta; spec: { volumeName?: string } };
type Volume = {
  metadata: ObjectMeta;
  spec: {
    nodeAffinity?: {
      required?: { nodeSelectorTerms?: { matchExpressions?: Requirement[] }[] };
    };
  };
};
type Requirement = { key: string; operator: string; values?: string[] };

export const claims = resource<Claim>('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
export const nodes = resource<{ metadata: ObjectMeta }>('v1', 'Node', 'nodes', { namespaced: false });
const volumes = resource<Volume>('v1', 'PersistentVolume', 'persistentvolumes', { namespaced: false });

const HOSTNAME = 'kubernetes.io/hostname';

type Found = { reference: Reference; object: KubeObject };
type Binding = { field: string; what: string; hostnames: string[] };

/** A warning when two sources of one plugin can only be read on different nodes: no pod can have both. */
export async function differentNodes(reader: ObjectReader, found: readonly Found[]): Promise<string[]> {
  const bindings = (await Promise.all(found.map((one) => bindingOf(reader, one)))).filter(
    (binding) => binding !== undefined,
  );
  for (const [i, a] of bindings.entries()) {
    for (const b of bindings.slice(i + 1)) {
      if (a.hostnames.every((name) => !b.hostnames.includes(name))) {
        return [
          `the sources are bound to different nodes, so no pod can read both: ${describe(a)}, ${describe(b)}; move one of them`,
        ];
      }
    }
  }
  return [];
}

const describe = ({ field, what, hostnames }: Binding) => `${field} (${what}) to ${hostnames.join(' or ')}`;

async function bindingOf(reader: ObjectReader, { reference, object }: Found): Promise<Binding | undefined> {
  const { field, name } = reference;
  if (reference.kind === 'Node') {
    return { field, what: `node ${name}`, hostnames: [object.metadata.labels?.[HOSTNAME] ?? name] };
  }
  const volumeName = reference.kind === 'PersistentVolumeClaim' && (object as Claim).spec.volumeName;
  if (!volumeName) return undefined;
  const volume = await reader.find(volumes, { name: volumeName });
  const hostnames = volume && hostnamesOf(volume);
  return hostnames && { field, what: `claim ${name}`, hostnames };
}

/** The nodes on which a volume can be mounted, or undefined when its affinity says more than host names. */
function hostnamesOf({ spec }: Volume): string[] | undefined {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const names = terms.map(({ matchExpressions = [] }) =>
    matchExpressions.find(({ key, operator }) => key === HOSTNAME && operator === 'In'),
  );
  if (names.length === 0 || names.includes(undefined)) return undefined;
  return names.flatMap((requirement) => requirement?.values ?? []);
}
