import { namedNodes, type SlotLocation, sourceReferences } from '#api/sources/location.ts';
import { boundHostnames } from '#kube/node-conflict.ts';
import { nodes, type Taint } from '#kube/resources.ts';
import type { ReferenceReader } from '#operator/host/references.ts';

/** Taints that the host itself sets and removes, like that of a cordoned node: a pod waits until they are gone. */
const PASSING = /^node\.(cloudprovider\.)?kubernetes\.io\//;

type Toleration = { key: string; operator: string; value?: string; effect: string };

/** Tolerations of exactly the taints that keep ordinary pods off a node. Pure. */
export const tolerationsOf = (taints: readonly Taint[] = []): Toleration[] =>
  taints
    .filter(({ key, effect }) => effect !== 'PreferNoSchedule' && !PASSING.test(key))
    .map(({ key, value, effect }) =>
      value ? { key, operator: 'Equal', value, effect } : { key, operator: 'Exists', effect },
    );

/**
 * Tolerations of the nodes on which a plugin's sources are: whoever names such a node, or a claim on its disk, wants the
 * Job there, taints or not. `node`: one more on which the Job has to run. @throws ApiError
 */
export async function nodeTolerations(
  references: ReferenceReader,
  namespace: string,
  locations: readonly SlotLocation[],
  node: string | undefined,
): Promise<Toleration[]> {
  const named = sourceReferences(locations).map((reference) => ({ ...reference, namespace }));
  const hostnames = await boundHostnames((of, name) => references.find(of, name), named);
  const names = new Set([...namedNodes(locations), ...hostnames, ...(node === undefined ? [] : [node])]);
  const found = await Promise.all([...names].map((name) => references.find(nodes, { name })));
  return found.flatMap((one) => tolerationsOf(one?.spec?.taints));
}
