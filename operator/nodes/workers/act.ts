import pMap from 'p-map';
import { LABEL } from '#api/contract/names.ts';
import { ReasonedError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ApiError, ignoreNotFound, isAlreadyExists } from '#kube/errors.ts';
import type { KubeObject, ObjectName, Resource } from '#kube/resource.ts';
import { nodes, type Pod, pods, type Secret, secrets } from '#kube/resources.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import { isNodeGone, isOverdue } from '#operator/host/gone-node.ts';
import { podRefusal } from '#operator/host/pod-refusal.ts';
import type { ReadPodSettings } from '#operator/host/pod-settings-reader.ts';
import { drain, setSchedulable } from '../drain.ts';
import { admitToken, joinOrderFor, newBootstrapToken, revokeToken } from '../join.ts';
import { podsProblem, statusProblemOf } from '../node-status.ts';
import { inTenant } from '../tenant-nodes.ts';
import { joinSecret, joinSecretName, tokenIn, workerPod } from './pod.ts';
import type { WantedWorker } from './size.ts';
import type { WorkerAct } from './step.ts';

export type WorkerDeps = {
  client: KubeClient;
  clock: Clock;
  /** Images of the worker pods, and of the pause container of the pods in them. */
  images(): Promise<{ worker: string; pause: string }>;
  insecureRegistries: readonly string[];
  podSettings: ReadPodSettings;
};

type Scene = { cluster: VirtualCluster; tenant: Tenant; pods: ReadonlyMap<string, Pod> };

const CONCURRENCY = 8;

/**
 * Takes the steps side by side, so that a worker for which the tenant is slow or refuses delays no other.
 * @returns what still has to happen, or failed, by the name of the worker
 * @throws every error that is not a ReasonedError
 */
export async function actOnWorkers(
  deps: WorkerDeps,
  scene: Scene,
  acts: readonly WorkerAct[],
): Promise<Map<string, Problem>> {
  const problems = new Map<string, Problem>();
  const take = async (act: WorkerAct) => {
    const problem = await inTenant(() => actOnWorker(deps, scene, act)).catch(statusProblemOf);
    if (problem) problems.set(act.kind === 'create' ? act.worker.name : act.name, problem);
  };
  await pMap(acts, take, { concurrency: CONCURRENCY });
  return problems;
}

async function actOnWorker(deps: WorkerDeps, scene: Scene, act: WorkerAct): Promise<Problem | undefined> {
  const { client } = scene.tenant;
  switch (act.kind) {
    case 'create':
      return create(deps, scene, act.worker);
    case 'renewToken': {
      const secret = await ownJoinSecret(deps.client, scene.cluster, act.name);
      const token = secret && tokenIn(secret);
      if (token) await admitToken(client, token, act.name, deps.clock.now());
      return undefined;
    }
    case 'revokeToken':
      await revokeTokenOf(deps, scene, act.name);
      return undefined;
    case 'drain': {
      await setSchedulable(client, act.name, false);
      const remaining = await drain(client, act.name, { force: act.force });
      if (remaining.pods.length === 0) return remove(deps, scene, act.name);
      return { ...podsProblem(act.name, remaining), reason: 'Draining' };
    }
    case 'remove':
      return remove(deps, scene, act.name);
  }
}

async function create(deps: WorkerDeps, scene: Scene, worker: WantedWorker): Promise<undefined> {
  const { client, clock, images, insecureRegistries, podSettings } = deps;
  const { cluster, tenant } = scene;
  const { namespace } = cluster.metadata;
  const [{ worker: image, pause: pauseImage }, { worker: settings }] = await Promise.all([
    images(),
    podSettings(),
  ]);
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
  // The join order of an earlier attempt may hold another address.
  await deleteJoinOrder(deps, scene, worker.name);
  await client.create(secrets, joinSecret(cluster, order));
  await admitToken(tenant.client, token, worker.name, clock.now());
  try {
    await client.create(pods, workerPod(cluster, worker, { image, settings }));
  } catch (error) {
    if (!isAlreadyExists(error)) throw refusal(error, namespace);
  }
  return undefined;
}

/** Adds the next step to the errors of a namespace that rejects worker pods. */
function refusal(error: unknown, namespace: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const problem = podRefusal({ found: error.message, namespace, group: 'worker' });
  return problem ? new ReasonedError(problem.reason, problem.message, { cause: error }) : error;
}

/** A worker's join order. One of another cluster is ignored: clusters in one namespace may share names. */
async function ownJoinSecret(
  client: KubeClient,
  { metadata: { namespace, uid } }: VirtualCluster,
  worker: string,
): Promise<Secret | undefined> {
  const secret = await ignoreNotFound(client.get(secrets, { namespace, name: joinSecretName(worker) }));
  return secret?.metadata.labels?.[LABEL.clusterUid] === uid ? secret : undefined;
}

/** @returns the Secret that holds the revoked token */
async function revokeTokenOf(
  { client }: WorkerDeps,
  { cluster, tenant }: Scene,
  worker: string,
): Promise<Secret | undefined> {
  const secret = await ownJoinSecret(client, cluster, worker);
  const token = secret && tokenIn(secret);
  if (token) await revokeToken(tenant.client, token);
  return secret;
}

async function deleteJoinOrder(deps: WorkerDeps, scene: Scene, worker: string): Promise<void> {
  const secret = await revokeTokenOf(deps, scene, worker);
  if (secret) await deleteObject(deps.client, secrets, secret.metadata);
}

/** Deletes the pod before the Node: a running kubelet would register the Node again. */
async function remove(deps: WorkerDeps, scene: Scene, name: string): Promise<undefined> {
  const pod = scene.pods.get(name);
  if (pod) await deletePod(deps, pod);
  if (!pod || pod.metadata.deletionTimestamp) await deleteObject(scene.tenant.client, nodes, { name });
  await deleteJoinOrder(deps, scene, name);
  return undefined;
}

/** Deletes with grace, unless the pod's host node is gone and no kubelet can confirm the end. */
async function deletePod({ client, clock }: WorkerDeps, { metadata, spec }: Pod): Promise<void> {
  const { namespace, name } = metadata;
  if (!metadata.deletionTimestamp) return deleteObject(client, pods, { namespace, name });
  const overdue = isOverdue({ metadata }, clock.now());
  if (overdue && (await isNodeGone(client, spec?.nodeName))) {
    await ignoreNotFound(client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 }));
  }
}

/** Deletes the workers' pods and Secrets in the host. @throws ApiError */
export async function removeHostObjects(
  deps: WorkerDeps,
  ownPods: readonly Pod[],
  ownSecrets: readonly Secret[],
): Promise<void> {
  for (const pod of ownPods) await deletePod(deps, pod);
  for (const { metadata } of ownSecrets) await deleteObject(deps.client, secrets, metadata);
}

async function deleteObject<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  { namespace, name }: ObjectName,
): Promise<void> {
  await ignoreNotFound(client.delete(resource, { namespace, name }));
}
