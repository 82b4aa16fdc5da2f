import { AGENT_COMPONENT, AGENT_NAMESPACE, announcedIn } from '#api/contract/host-agent.ts';
import { LABEL } from '#api/contract/names.ts';
import { newestWarning } from '#api/pod-start.ts';
import type { Problem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import { isTrue } from '#kube/conditions.ts';
import { events } from '#kube/event-recorder.ts';
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

/** A NoNodeAgent problem with what the host says when it refuses to create the installers' pods. @throws ApiError */
export async function withAgentRefusal(client: KubeClient, problem: Problem): Promise<Problem> {
  const fieldSelector = 'involvedObject.kind=DaemonSet,reason=FailedCreate';
  const { items } = await client.list(events, { namespace: AGENT_NAMESPACE, fieldSelector });
  const found = newestWarning(items)?.message;
  if (found === undefined) return problem;
  return { ...problem, message: `${problem.message}; the host refused to create one: ${found}` };
}

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
  if (!pod) return withAgentRefusal(client, noAgent(name));
  const path = `/api/v1/namespaces/${AGENT_NAMESPACE}/pods/${pod.metadata.name}/log`;
  const announced = announcedIn(await client.text(path, { limitBytes: LOG_BYTES }));
  const host = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  if (announced && host) return { host, ...announced };
  const message = announced
    ? `node ${name} has no InternalIP`
    : `pod ${AGENT_NAMESPACE}/${pod.metadata.name} has not installed the node agent on ${name}, or its log was rotated: read it with kubectl logs -n ${AGENT_NAMESPACE} ${pod.metadata.name}; to install the agent again, delete the pod`;
  return { reason: 'NoNodeAgent', message };
}
