import { z } from 'zod';
import { AGENT_NAMESPACE } from '#api/contract/host-agent.ts';
import { FINALIZER, LABEL, PROMOTED_COMPONENT, sha256 } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreAlreadyExists, ignoreNotFound } from '#kube/errors.ts';
import { type ConfigMap, configMaps, type Node } from '#kube/resources.ts';
import { clusterLabels } from '#operator/host/labels.ts';

const taint = z.object({ key: z.string(), value: z.string().optional(), effect: z.string() });

/**
 * What a host node was before it was touched, and how its agent is reached: the Node object is deleted on the way,
 * and the installer's pod with it.
 */
const kept = z.object({
  nodeName: z.string(),
  uid: z.string(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  taints: z.array(taint),
  unschedulable: z.boolean(),
  agent: z.object({ host: z.string(), port: z.number().int(), certificate: z.string() }),
});
export type Kept = z.infer<typeof kept>;
export type AgentAddress = Kept['agent'];

const KEY = 'node.json';

/**
 * Not in the VirtualCluster's namespace: whoever may write ConfigMaps there could have any host node taken, tainted or
 * deleted, and any address taken for its agent.
 */
const nameOf = ({ metadata }: VirtualCluster, node: string) => ({
  namespace: AGENT_NAMESPACE,
  name: `promoted-node-${sha256(`${metadata.uid}\n${node}`).slice(0, 20)}`,
});

/** Taints that controllers set and take away by themselves. */
const PASSING = /^node\.kubernetes\.io\//;

export const keptOf = ({ metadata, spec }: Node, agent: AgentAddress, without: string): Kept => {
  const { [without]: _, ...annotations } = metadata.annotations ?? {};
  return {
    nodeName: metadata.name,
    uid: metadata.uid,
    labels: metadata.labels ?? {},
    annotations,
    taints: (spec?.taints ?? []).filter(({ key }) => !PASSING.test(key)),
    unschedulable: spec?.unschedulable ?? false,
    agent,
  };
};

/** Of all nodes that the cluster has taken and not yet given back, by name. */
export async function readKept(client: KubeClient, cluster: VirtualCluster): Promise<Map<string, Kept>> {
  const labelSelector = `${LABEL.clusterUid}=${cluster.metadata.uid},${LABEL.component}=${PROMOTED_COMPONENT}`;
  const { items } = await client.list(configMaps, {
    namespace: AGENT_NAMESPACE,
    labelSelector,
  });
  return new Map(items.map(read).map((one) => [one.nodeName, one]));
}

/** Of one of them. */
export async function readKeptNode(
  client: KubeClient,
  cluster: VirtualCluster,
  node: string,
): Promise<Kept | undefined> {
  const found = await ignoreNotFound(client.get(configMaps, nameOf(cluster, node)));
  return found && read(found);
}

const read = ({ data }: ConfigMap): Kept => kept.parse(JSON.parse(data?.[KEY] ?? ''));

/** Its finalizer keeps it when the agents' namespace is deleted before the node is back. */
export async function writeKept(client: KubeClient, cluster: VirtualCluster, entry: Kept): Promise<void> {
  const metadata = {
    ...nameOf(cluster, entry.nodeName),
    labels: clusterLabels(cluster, PROMOTED_COMPONENT),
    finalizers: [FINALIZER],
  };
  await ignoreAlreadyExists(client.create(configMaps, { metadata, data: { [KEY]: JSON.stringify(entry) } }));
}

export async function forgetKept(client: KubeClient, cluster: VirtualCluster, node: string): Promise<void> {
  const name = nameOf(cluster, node);
  const patch = { metadata: { finalizers: null } };
  const found = await ignoreNotFound(client.patch<ConfigMap>(configMaps, name, patch));
  if (found) await ignoreNotFound(client.delete(configMaps, name));
}
