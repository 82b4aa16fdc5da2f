import {
  describeNodeConflict,
  HOSTNAME_LABEL,
  hostnamesOfVolume,
  type NodeBinding,
  type VolumeAffinity,
} from '#api/contract/node-binding.ts';
import type { ObjectMeta } from '#api/kinds/objects.ts';
import type { Reference } from '#api/validation/references.ts';
import { type KubeObject, resource } from '#kube/resource.ts';
import type { ObjectReader } from './object-reader.ts';

type Claim = { metadata: ObjectMeta; spec: { volumeName?: string } };
type Volume = { metadata: ObjectMeta; spec: VolumeAffinity };

export const claims = resource<Claim>('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
export const nodes = resource<{ metadata: ObjectMeta }>('v1', 'Node', 'nodes', { namespaced: false });
const volumes = resource<Volume>('v1', 'PersistentVolume', 'persistentvolumes', { namespaced: false });

type Found = { reference: Reference; object: KubeObject };

/** A warning when two sources of one plugin can only be read on different nodes. */
export async function differentNodes(reader: ObjectReader, found: readonly Found[]): Promise<string[]> {
  const bindings = await Promise.all(found.map((one) => bindingOf(reader, one)));
  const conflict = describeNodeConflict(bindings.filter((binding) => binding !== undefined));
  return conflict === undefined ? [] : [conflict];
}

async function bindingOf(
  reader: ObjectReader,
  { reference, object }: Found,
): Promise<NodeBinding | undefined> {
  const { field, name } = reference;
  if (reference.kind === 'Node') {
    return { field, what: `node ${name}`, hostnames: [object.metadata.labels?.[HOSTNAME_LABEL] ?? name] };
  }
  const volumeName = reference.kind === 'PersistentVolumeClaim' && (object as Claim).spec.volumeName;
  if (!volumeName) return undefined;
  const volume = await reader.find(volumes, { name: volumeName });
  const hostnames = volume && hostnamesOfVolume(volume.spec);
  return hostnames && { field, what: `claim ${name}`, hostnames };
}
