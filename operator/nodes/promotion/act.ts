import { ANNOTATION } from '#api/contract/names.ts';
import { ReasonedError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { isProblem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import type { Log } from '#kube/log.ts';
import { nodes, secrets } from '#kube/resources.ts';
import { textsIn } from '#kube/secret-data.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import { drain, setSchedulable } from '../drain.ts';
import { admitToken, joinOrderFor, newBootstrapToken, revokeToken } from '../join.ts';
import { inTenant } from '../tenant-nodes.ts';
import type { Agents } from './agent-client.ts';
import { holderName } from './eligibility.ts';
import { findAgent } from './find-agent.ts';
import { deleteSnapshot, type NodeSnapshot, saveSnapshot, snapshotOf } from './node-snapshot.ts';
import type { NodeAct, NodeObservation } from './observation.ts';
import { restoration } from './restoration.ts';

export type PromotionDeps = {
  client: KubeClient;
  clock: Clock;
  log: Log;
  agents: Agents;
  images(): Promise<{ pause: string }>;
  insecureRegistries: readonly string[];
};

/** A node and its surroundings, as an act needs them. */
export type Scene = { cluster: VirtualCluster; tenant: Tenant | undefined; observed: NodeObservation };

/**
 * Takes one step.
 * @returns what the step learnt, for the next plan
 * @throws ReasonedError, ApiError
 */
export async function actOnNode(
  deps: PromotionDeps,
  scene: Scene,
  act: NodeAct,
): Promise<Partial<NodeObservation>> {
  const { client } = deps;
  const { cluster, observed } = scene;
  const { name } = observed;
  switch (act) {
    case 'Claim':
      return claim(deps, scene);
    case 'SaveSnapshot':
      return saveNodeSnapshot(deps, scene);
    case 'Cordon':
      await setSchedulable(client, name, false);
      return {};
    case 'Drain':
      return { hostPods: await drain(client, name) };
    case 'Remove':
      return remove(deps, scene);
    case 'Join':
      return join(deps, scene);
    case 'RevokeTokens':
      await inTenant(() => revokeTokensOf(tenantOf(scene).client, name));
      return { tokensRevoked: true };
    case 'DrainTenant':
    case 'DrainTenantByForce':
      return inTenant(() => drainTenant(scene, act === 'DrainTenantByForce'));
    case 'Leave':
      return { agent: await deps.agents.leave(snapshotOrThrow(scene).agent, { nodeUid: observed.uid }) };
    case 'RemoveFromTenant':
      await inTenant(() => ignoreNotFound(tenantOf(scene).client.delete(nodes, { name })));
      return {};
    case 'Restore':
      return restore(deps, scene);
    case 'DeleteSnapshot':
      await deleteSnapshot(client, cluster, name);
      return {};
    case 'Unclaim':
      await ignoreNotFound(client.patch(nodes, { name }, annotated(null)));
      return {};
  }
}

const annotated = (value: string | null, resourceVersion?: string) => ({
  metadata: { annotations: { [ANNOTATION.heldBy]: value }, ...(resourceVersion && { resourceVersion }) },
});

const tenantOf = ({ tenant, observed }: Scene): Tenant => {
  if (tenant) return tenant;
  throw new ReasonedError(
    'TenantUnreachable',
    `the API server of the tenant with node ${observed.name} does not answer`,
  );
};

const snapshotOrThrow = ({ observed }: Scene): NodeSnapshot => {
  if (observed.snapshot) return observed.snapshot;
  throw new ReasonedError(
    'NodeNotKept',
    `no snapshot of node ${observed.name} exists; its state before the promotion is unknown`,
  );
};

/** Claims the Node at the version that was found eligible: another cluster's claim in between causes a conflict. */
async function claim({ client }: PromotionDeps, { cluster, observed }: Scene) {
  const version = observed.hostNode?.metadata.resourceVersion;
  await client.patch(nodes, { name: observed.name }, annotated(holderName(cluster), version));
  return {};
}

async function saveNodeSnapshot(deps: PromotionDeps, { cluster, observed }: Scene) {
  const { hostNode } = observed;
  if (!hostNode) return {};
  const agent = await findAgent(deps.client, hostNode);
  if (isProblem(agent)) throw new ReasonedError(agent.reason, agent.message);
  // The announced agent must accept the operator's certificate before the node is touched.
  await deps.agents.status(agent);
  await saveSnapshot(deps.client, cluster, snapshotOf(hostNode, agent, ANNOTATION.heldBy));
  return {};
}

async function remove({ client }: PromotionDeps, { observed }: Scene) {
  const uid = observed.hostNode?.metadata.uid;
  await ignoreNotFound(client.delete(nodes, { name: observed.name }, { preconditions: { uid } }));
  return {};
}

async function join(deps: PromotionDeps, scene: Scene): Promise<Partial<NodeObservation>> {
  const { cluster, observed } = scene;
  const tenant = tenantOf(scene);
  const token = newBootstrapToken();
  await inTenant(() => admitToken(tenant.client, token, observed.name, deps.clock.now()));
  const { pause: pauseImage } = await deps.images();
  const { insecureRegistries } = deps;
  const common = { cluster, tenant, nodeName: observed.name, kind: 'Promoted', token } as const;
  const order = joinOrderFor({ ...common, pauseImage, insecureRegistries });
  return { agent: await deps.agents.join(snapshotOrThrow(scene).agent, order) };
}

/** Revokes all of the node's tokens: an operator that was killed after creating one left it behind. */
async function revokeTokensOf(tenant: KubeClient, node: string): Promise<void> {
  const { items } = await tenant.list(secrets, {
    namespace: 'kube-system',
    fieldSelector: 'type=bootstrap.kubernetes.io/token',
  });
  for (const item of items) {
    const { description, 'token-id': id = '', 'token-secret': secret = '' } = textsIn(item);
    if (description === `joins node ${node}`) await revokeToken(tenant, `${id}.${secret}`);
  }
}

async function drainTenant(scene: Scene, force: boolean): Promise<Partial<NodeObservation>> {
  const { client } = tenantOf(scene);
  await setSchedulable(client, scene.observed.name, false);
  return { tenantPods: await drain(client, scene.observed.name, { force }) };
}

async function restore({ client }: PromotionDeps, scene: Scene) {
  const { hostNode, name } = scene.observed;
  const patch = hostNode && restoration(snapshotOrThrow(scene), hostNode);
  if (patch) await ignoreNotFound(client.patch(nodes, { name }, patch));
  return {};
}
