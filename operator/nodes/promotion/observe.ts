import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { problemOf } from '#api/problem.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type Node, nodes } from '#kube/resources.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import { readTenantNode } from '../tenant-nodes.ts';
import type { PromotionDeps } from './act.ts';
import { holderName, holderOf } from './eligibility.ts';
import type { Kept } from './node-snapshot.ts';
import type { NodeObservation } from './plan.ts';

export type About = {
  cluster: VirtualCluster;
  tenant: Tenant | undefined;
  name: string;
  wanted: boolean;
  releasing: boolean;
  recorded: NodeStatus | undefined;
  kept: Kept | undefined;
  obstacle: (name: string) => Promise<Problem | undefined>;
};

/** Reads what the next step of one node depends on. */
export async function observeNode(
  { client, clock, agents }: PromotionDeps,
  about: About,
): Promise<NodeObservation> {
  const { cluster, tenant, name, kept, wanted } = about;
  const hostNode = await ignoreNotFound(client.get(nodes, { name }));
  const claimed = hostNode !== undefined && holderOf(hostNode) === holderName(cluster);
  const isAsked = kept && (!wanted || !hostNode);
  const agent = isAsked ? await agents.status(kept.agent).catch(asProblem) : undefined;
  // Later than the agent: one that says it has joined had a Node by then.
  const inTenant = kept ? await tenantNodeOf(tenant, name) : { answers: tenant !== undefined };
  return {
    name,
    uid: cluster.metadata.uid,
    wanted,
    releasing: about.releasing,
    forced: about.releasing && cluster.spec.kubeInKubeConfig?.forceDestroy === true,
    recorded: about.recorded,
    kept,
    hostNode,
    claimed,
    obstacle: wanted && !kept && !claimed ? await about.obstacle(name) : undefined,
    agent,
    tenantAnswers: inTenant.answers,
    tenantNode: inTenant.node,
    hostPods: undefined,
    tenantPods: undefined,
    welcomed: false,
    now: clock.now(),
  };
}

/** Whoever does not answer is passed over, for a while or for good: the plan says which. */
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

function asProblem(error: unknown): Problem {
  const { reason, message } = problemOf(error);
  return { reason, message };
}
