import {
  describeNodeConflict,
  HOSTNAME_LABEL,
  hostnamesOfVolume,
  type NodeBinding,
} from '#api/contract/node-binding.ts';
import { ReasonedError } from '#api/errors.ts';
import type { SlotLocation } from '#api/sources/location.ts';
import { claims, nodes, volumes } from '#kube/resources.ts';
import type { ReferenceReader } from '#operator/host/references.ts';

/**
 * Looks whether one node can read all sources: no pod would ever be scheduled otherwise.
 * @throws ReasonedError DifferentNodes; the message names the sources and their nodes.
 */
export async function checkNodeBindings(
  references: ReferenceReader,
  namespace: string,
  locations: readonly SlotLocation[],
): Promise<void> {
  if (locations.length < 2) return;
  const bindings = await Promise.all(locations.map((one) => bindingOf(references, namespace, one)));
  const conflict = describeNodeConflict(bindings.filter((binding) => binding !== undefined));
  if (conflict !== undefined) throw new ReasonedError('DifferentNodes', conflict);
}

async function bindingOf(
  references: ReferenceReader,
  namespace: string,
  { field, location }: SlotLocation,
): Promise<NodeBinding | undefined> {
  if (location.kind === 'host' && location.nodeName) {
    const node = await references.find(nodes, { name: location.nodeName });
    const hostname = node?.metadata.labels?.[HOSTNAME_LABEL] ?? location.nodeName;
    return { field, what: `node ${location.nodeName}`, hostnames: [hostname] };
  }
  if (location.kind !== 'claim') return undefined;
  const claim = await references.find(claims, { namespace, name: location.claim });
  const name = claim?.spec.volumeName;
  const volume = name ? await references.find(volumes, { name }) : undefined;
  const hostnames = volume && hostnamesOfVolume(volume.spec);
  return hostnames && { field, what: `claim ${location.claim}`, hostnames };
}
