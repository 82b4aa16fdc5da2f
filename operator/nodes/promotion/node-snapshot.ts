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
 * A host node before its promotion, and how its agent is reached: both the Node and the installer's pod are deleted on
 * the way into the tenant.
 */
const nodeSnapshot = z.object({
  nodeName: z.string(),
  uid: z.string(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  taints: z.array(taint),
  unschedulable: z.boolean(),
  agent: z.object({ host: z.string(), port: z.number().int(), certificate: z.string() }),
});
export type NodeSnapshot = z.infer<typeof nodeSnapshot>;
export type AgentAddress = NodeSnapshot['agent'];

const KEY = 'node.json';

/**
 * The ConfigMap of a snapshot. It is not in the VirtualCluster's namespace: a user who may write ConfigMaps there could
 * otherwise taint or delete any host node, and name any address as its agent.
 */
const nameOf = ({ metadata }: VirtualCluster, node: string) => ({
  namespace: AGENT_NAMESPACE,
  name: `promoted-node-${sha256(`${metadata.uid}\n${node}`).slice(0, 20)}`,
});

/** Taints that controllers set and remove by themselves. */
const TRANSIENT = /^node\.kubernetes\.io\//;

/** A snapshot of a host node, `without` one annotation (the claim). */
export const snapshotOf = ({ metadata, spec }: Node, agent: AgentAddress, without: string): NodeSnapshot => {
  const { [without]: _, ...annotations } = metadata.annotations ?? {};
  return {
    nodeName: metadata.name,
    uid: metadata.uid,
    labels: metadata.labels ?? {},
    annotations,
    taints: (spec?.taints ?? []).filter(({ key }) => !TRANSIENT.test(key)),
    unschedulable: spec?.unschedulable ?? false,
    agent,
  };
};

/** Snapshots of all nodes that the cluster has promoted and not yet returned, by name. @throws ApiError */
export async function readSnapshots(
  client: KubeClient,
  cluster: VirtualCluster,
): Promise<Map<string, NodeSnapshot>> {
  const labelSelector = `${LABEL.clusterUid}=${cluster.metadata.uid},${LABEL.component}=${PROMOTED_COMPONENT}`;
  const { items } = await client.list(configMaps, { namespace: AGENT_NAMESPACE, labelSelector });
  return new Map(items.map(parse).map((snapshot) => [snapshot.nodeName, snapshot]));
}

/** The snapshot of one node. @throws ApiError */
export async function readSnapshot(
  client: KubeClient,
  cluster: VirtualCluster,
  node: string,
): Promise<NodeSnapshot | undefined> {
  const configMap = await ignoreNotFound(client.get(configMaps, nameOf(cluster, node)));
  return configMap && parse(configMap);
}

const parse = ({ data }: ConfigMap): NodeSnapshot => nodeSnapshot.parse(JSON.parse(data?.[KEY] ?? ''));

/** Its finalizer protects the snapshot when the agents' namespace is deleted before the node is returned. */
export async function saveSnapshot(
  client: KubeClient,
  cluster: VirtualCluster,
  snapshot: NodeSnapshot,
): Promise<void> {
  const metadata = {
    ...nameOf(cluster, snapshot.nodeName),
    labels: clusterLabels(cluster, PROMOTED_COMPONENT),
    finalizers: [FINALIZER],
  };
  const data = { [KEY]: JSON.stringify(snapshot) };
  await ignoreAlreadyExists(client.create(configMaps, { metadata, data }));
}

export async function deleteSnapshot(
  client: KubeClient,
  cluster: VirtualCluster,
  node: string,
): Promise<void> {
  const name = nameOf(cluster, node);
  const patch = { metadata: { finalizers: null } };
  const configMap = await ignoreNotFound(client.patch<ConfigMap>(configMaps, name, patch));
  if (configMap) await ignoreNotFound(client.delete(configMaps, name));
}
