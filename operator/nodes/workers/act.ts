import pMap from 'p-map';
import { LABEL } from '#api/contract/names.ts';
import { ReasonedError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import { problemOf } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound, isAlreadyExists, isForbidden } from '#kube/errors.ts';
import { refusalReason } from '#kube/pod-start.ts';
import type { KubeObject, ObjectName, Resource } from '#kube/resource.ts';
import { nodes, type Pod, pods, type Secret, secrets } from '#kube/resources.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import { isNodeGone, isOverdue } from '#operator/host/gone-node.ts';
import { drain, setSchedulable } from '../drain.ts';
import { admitToken, joinOrderFor, newBootstrapToken, revokeToken } from '../join.ts';
import { ofTenant } from '../tenant-nodes.ts';
import { joinSecret, joinSecretName, tokenIn, workerPod } from './pod.ts';
import type { WantedWorker } from './size.ts';
import type { WorkerAct } from './step.ts';

export type WorkerDeps = {
  client: KubeClient;
  clock: Clock;
  /** Images of the worker pods and of their pods' pause container. */
  images(): Promise<{ worker: string; pause: string }>;
  insecureRegistries: readonly string[];
};

type Scene = { cluster: VirtualCluster; tenant: Tenant; pods: ReadonlyMap<string, Pod> };
type Remark = Pick<NodeStatus, 'reason' | 'message'>;

const AT_ONCE = 8;

/**
 * Takes the steps, side by side: what a tenant is slow at, or refuses, for one worker keeps no other from going. Gives
 * what was learnt on the way, or went wrong, and belongs into the nodes' entries.
 */
export async function actOnWorkers(
  deps: WorkerDeps,
  scene: Scene,
  acts: readonly WorkerAct[],
): Promise<Map<string, Remark>> {
  const remarks = new Map<string, Remark>();
  const act = async (one: WorkerAct) => {
    const remark = await ofTenant(() => actOnWorker(deps, scene, one)).catch(asRemark);
    if (remark) remarks.set(one.kind === 'create' ? one.worker.name : one.name, remark);
  };
  await pMap(acts, act, { concurrency: AT_ONCE });
  return remarks;
}

function asRemark(error: unknown): Remark {
  const { reason, message } = problemOf(error);
  return { reason, message: message.slice(0, 1024) };
}

async function actOnWorker(deps: WorkerDeps, scene: Scene, act: WorkerAct): Promise<Remark | undefined> {
  const { client } = scene.tenant;
  switch (act.kind) {
    case 'create':
      return create(deps, scene, act.worker);
    case 'admit': {
      const token = await tokenOf(deps, scene, act.name);
      if (token) await admitToken(client, token, act.name, deps.clock.now());
      return undefined;
    }
    case 'joined':
      return forgetToken(deps, scene, act.name);
    case 'drain': {
      await setSchedulable(client, act.name, false);
      const left = await drain(client, act.name, { force: act.force });
      if (left.pods.length === 0) return remove(deps, scene, act.name);
      const what = left.refused ?? left.pods.slice(0, 3).join(', ');
      return { reason: 'Draining', message: `node ${act.name} has ${left.pods.length} pods left: ${what}` };
    }
    case 'remove':
      return remove(deps, scene, act.name);
  }
}

async function create(deps: WorkerDeps, scene: Scene, worker: WantedWorker): Promise<undefined> {
  const { client, clock, images, insecureRegistries } = deps;
  const { cluster, tenant } = scene;
  const { namespace } = cluster.metadata;
  const { worker: image, pause: pauseImage } = await images();
  const token = newBootstrapToken();
  const order = joinOrderFor({
    cluster,
    tenant,
    nodeName: worker.name,
    kind: 'Worker',
    token,
    pauseImage,
    insecureRegistries,
    capacity: worker.size,
  });
  // What an earlier attempt left behind may be about another address.
  await forget(deps, scene, worker.name);
  await client.create(secrets, joinSecret(cluster, order));
  await admitToken(tenant.client, token, worker.name, clock.now());
  try {
    await client.create(pods, workerPod(cluster, worker, image));
  } catch (error) {
    if (!isAlreadyExists(error)) throw refusal(error, namespace);
  }
  return undefined;
}

/** The error, with what to do when the namespace does not admit worker pods. */
function refusal(error: unknown, namespace: string): unknown {
  if (!isForbidden(error)) return error;
  const { message: found } = error as Error;
  const reason = refusalReason(found);
  if (reason === 'PodSecurityViolation') {
    const label = `kubectl label namespace ${namespace} --overwrite pod-security.kubernetes.io/enforce=privileged`;
    const message = `namespace ${namespace} forbids privileged pods, and worker pods are privileged; allow them: ${label} (${found})`;
    return new ReasonedError(reason, message, { cause: error });
  }
  if (reason === 'QuotaExceeded') {
    const message = `the quota of namespace ${namespace} has no room for a worker pod; raise it or request less (${found})`;
    return new ReasonedError(reason, message, { cause: error });
  }
  return error;
}

async function tokenOf(
  { client }: WorkerDeps,
  { cluster }: Scene,
  worker: string,
): Promise<string | undefined> {
  const secret = await ownSecret(client, cluster, worker);
  return secret && tokenIn(secret);
}

/** The join order of a worker, unless it is another's: two clusters of one namespace have theirs side by side. */
async function ownSecret(
  client: KubeClient,
  { metadata: { namespace, uid } }: VirtualCluster,
  worker: string,
): Promise<Secret | undefined> {
  const secret = await ignoreNotFound(client.get(secrets, { namespace, name: joinSecretName(worker) }));
  return secret?.metadata.labels?.[LABEL.clusterUid] === uid ? secret : undefined;
}

/** Its join order, and the token in it. */
async function forget(deps: WorkerDeps, scene: Scene, worker: string): Promise<void> {
  const secret = await ownSecret(deps.client, scene.cluster, worker);
  if (!secret) return;
  const token = tokenIn(secret);
  if (token) await revokeToken(scene.tenant.client, token);
  await gone(deps.client, secrets, secret.metadata);
}

async function forgetToken(deps: WorkerDeps, scene: Scene, worker: string): Promise<undefined> {
  const token = await tokenOf(deps, scene, worker);
  if (token) await revokeToken(scene.tenant.client, token);
  return undefined;
}

/** The pod first: its kubelet would register the node again. */
async function remove(deps: WorkerDeps, scene: Scene, name: string): Promise<undefined> {
  const pod = scene.pods.get(name);
  if (pod) await deletePod(deps, pod);
  if (!pod || pod.metadata.deletionTimestamp) await gone(scene.tenant.client, nodes, { name });
  await forget(deps, scene, name);
  return undefined;
}

/** With its grace, unless nobody is left to confirm that it has ended. */
async function deletePod({ client, clock }: WorkerDeps, { metadata, spec }: Pod): Promise<void> {
  const { namespace, name } = metadata;
  if (!metadata.deletionTimestamp) return gone(client, pods, { namespace, name });
  const overdue = isOverdue({ metadata }, clock.now());
  if (overdue && (await isNodeGone(client, spec?.nodeName))) {
    await ignoreNotFound(client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 }));
  }
}

/** Deletes what a cluster's workers are made of in the host. */
export async function removeHostObjects(
  deps: WorkerDeps,
  ownPods: readonly Pod[],
  ownSecrets: readonly Secret[],
): Promise<void> {
  for (const pod of ownPods) await deletePod(deps, pod);
  for (const { metadata } of ownSecrets) await gone(deps.client, secrets, metadata);
}

async function gone<T extends KubeObject>(
  client: KubeClient,
  of: Resource<T>,
  { namespace, name }: ObjectName,
): Promise<void> {
  await ignoreNotFound(client.delete(of, { namespace, name }));
}
