import {
  describeNodeConflict,
  HOSTNAME_LABEL,
  hostnamesOfVolume,
  type NodeBinding,
} from '#api/contract/node-binding.ts';
import type { KubeObject, ObjectName, Resource } from './resource.ts';
import { claims, nodes, volumes } from './resources.ts';

/** Reads an object; undefined when it does not exist. */
type Find = <T extends KubeObject>(of: Resource<T>, name: ObjectName) => Promise<T | undefined>;

/** An object that a source names. Only claims and nodes bind a pod to a node. */
type Named = { kind: string; field: string; namespace?: string | undefined; name: string };

/**
 * Why no node can read all of a plugin's sources, so that its pod would never be scheduled; undefined when one can.
 * Objects that do not exist bind to nothing.
 */
export async function nodeConflict(find: Find, references: readonly Named[]): Promise<string | undefined> {
  const bindings = await Promise.all(references.map((reference) => bindingOf(find, reference)));
  return describeNodeConflict(bindings.filter((binding) => binding !== undefined));
}

/** The host names of nodes that are the only ones to read a source. */
export async function boundHostnames(find: Find, references: readonly Named[]): Promise<string[]> {
  const bindings = await Promise.all(references.map((reference) => bindingOf(find, reference)));
  return bindings.flatMap((binding) => (binding?.hostnames.length === 1 ? binding.hostnames : []));
}

async function bindingOf(
  find: Find,
  { kind, field, namespace, name }: Named,
): Promise<NodeBinding | undefined> {
  if (kind === 'Node') {
    const node = await find(nodes, { name });
    return { field, what: `node ${name}`, hostnames: [node?.metadata.labels?.[HOSTNAME_LABEL] ?? name] };
  }
  if (kind !== 'PersistentVolumeClaim') return undefined;
  const claim = await find(claims, { namespace, name });
  const volumeName = claim?.spec.volumeName;
  const volume = volumeName ? await find(volumes, { name: volumeName }) : undefined;
  const hostnames = volume && hostnamesOfVolume(volume.spec);
  return hostnames && { field, what: `claim ${name}`, hostnames };
}
