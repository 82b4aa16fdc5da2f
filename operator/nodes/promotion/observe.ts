import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type Node, nodes } from '#kube/resources.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import { statusProblemOf } from '../node-status.ts';
import { readTenantNode } from '../tenant-nodes.ts';
import type { PromotionDeps } from './act.ts';
import { holderName, holderOf } from './eligibility.ts';
import type { NodeSnapshot } from './node-snapshot.ts';
import type { NodeObservation } from './observation.ts';

/** One node of one cluster, before anything of it was read. */
export type NodeContext = {
  cluster: VirtualCluster;
  tenant: Tenant | undefined;
  name: string;
  wanted: boolean;
  /** The VirtualCluster is being deleted. */
  deleting: boolean;
  recorded: NodeStatus | undefined;
  snapshot: NodeSnapshot | undefined;
  ineligibility: (name: string) => Promise<Problem | undefined>;
};

/** Reads what the next step of one node depends on. @throws ApiError of the host */
export async function observeNode(
  { client, clock, agents }: PromotionDeps,
  context: NodeContext,
): Promise<NodeObservation> {
  const { cluster, tenant, name, snapshot, wanted, deleting } = context;
  const hostNode = await ignoreNotFound(client.get(nodes, { name }));
  const claimed = hostNode !== undefined && holderOf(hostNode) === holderName(cluster);
  const needsAgent = snapshot && (!wanted || !hostNode);
  const agent = needsAgent ? await agents.status(snapshot.agent).catch(statusProblemOf) : undefined;
  // Read after the agent's status: a machine that reports to have joined had a Node by then.
  const inTenant = snapshot ? await tenantNodeOf(tenant, name) : { answers: tenant !== undefined };
  return {
    name,
    uid: cluster.metadata.uid,
    wanted,
    deleting,
    forced: deleting && cluster.spec.kubeInKubeConfig?.forceDestroy === true,
    recorded: context.recorded,
    snapshot,
    hostNode,
    claimed,
    ineligibility: wanted && !snapshot && !claimed ? await context.ineligibility(name) : undefined,
    agent,
    tenantAnswers: inTenant.answers,
    tenantNode: inTenant.node,
    hostPods: undefined,
    tenantPods: undefined,
    tokensRevoked: false,
    now: clock.now(),
  };
}

/** A tenant that fails to answer is no error: the plan decides for how long to wait for it. */
async function tenantNodeOf(
  tenant: Tenant | undefined,
  name: string,
): Promise<{ answers: boolean; node?: Node | undefined }> {
  if (!tenant) return { answers: false };
  try {
    return { answers: true, node: await readTenantNode(tenant.client, name) };
  } catch {
    return { answers: false };
  }
}
