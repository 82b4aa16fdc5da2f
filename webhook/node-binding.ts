import {
  describeNodeConflict,
  HOSTNAME_LABEL,
  hostnamesOfVolume,
  type NodeBinding,
} from '#api/contract/node-binding.ts';
import type { Reference } from '#api/validation/references.ts';
import type { KubeObject } from '#kube/resource.ts';
import { type Claim, volumes } from '#kube/resources.ts';
import type { ObjectReader } from './object-reader.ts';

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
