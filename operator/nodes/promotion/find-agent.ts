import { AGENT_COMPONENT, AGENT_NAMESPACE, announcedIn } from '#api/contract/host-agent.ts';
import { LABEL } from '#api/contract/names.ts';
import type { Problem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import { isTrue } from '#kube/conditions.ts';
import { type Node, type Pod, pods } from '#kube/resources.ts';
import type { AgentAddress } from './node-snapshot.ts';

const ofAgents = { namespace: AGENT_NAMESPACE, labelSelector: `${LABEL.component}=${AGENT_COMPONENT}` };
const LOG_BYTES = 65_536;

const isRunning = (pod: Pod) => isTrue(pod, 'Ready');

/** Names of the host nodes with a Ready installer pod. @throws ApiError */
export async function nodesWithAgent(client: KubeClient): Promise<Set<string>> {
  const { items } = await client.list(pods, ofAgents);
  return new Set(items.filter(isRunning).map(({ spec }) => spec?.nodeName ?? ''));
}

export const noAgent = (node: string): Problem => ({
  reason: 'NoNodeAgent',
  message: `no node agent runs on node ${node}; check the pods of namespace ${AGENT_NAMESPACE}`,
});

/**
 * Reads the address and certificate of a node's agent from its installer's log. The log comes from the node's own
 * kubelet, so no other machine can forge it.
 * @throws ApiError
 */
export async function findAgent(client: KubeClient, node: Node): Promise<AgentAddress | Problem> {
  const { name } = node.metadata;
  const { items } = await client.list(pods, {
    ...ofAgents,
    fieldSelector: `spec.nodeName=${name}`,
  });
  const pod = items.find(isRunning);
  if (!pod) return noAgent(name);
  const path = `/api/v1/namespaces/${AGENT_NAMESPACE}/pods/${pod.metadata.name}/log`;
  const announced = announcedIn(await client.text(path, { limitBytes: LOG_BYTES }));
  const host = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  if (announced && host) return { host, ...announced };
  const message = announced
    ? `node ${name} has no InternalIP`
    : `the log of pod ${AGENT_NAMESPACE}/${pod.metadata.name} announces no agent`;
  return { reason: 'NoNodeAgent', message };
}
