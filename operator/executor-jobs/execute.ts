import { ANNOTATION, canonicalJson, LABEL } from '#api/contract/names.ts';
import { withNode } from '#api/contract/node-affinity.ts';
import { ReasonedError } from '#api/errors.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { Target } from '#api/kubeconfig.ts';
import type { KubeClient } from '#kube/client.ts';
import {
  ApiError,
  ignoreAlreadyExists,
  ignoreNotFound,
  ignoreStale,
  isAlreadyExists,
  isWebhookFailure,
} from '#kube/errors.ts';
import { type Job, jobs, secrets } from '#kube/resources.ts';
import type { ReadPodSettings } from '#operator/host/pod-settings-reader.ts';
import type { ReferenceReader } from '#operator/host/references.ts';
import type { JobAct } from './act.ts';
import { buildJob, buildOrderSecret, type ExecutorSettings } from './build-job.ts';
import { checkReferences } from './check-references.ts';
import type { Content } from './content.ts';
import { nodeOfClaims, type RunningPods } from './node-of-claims.ts';
import { nodeTolerations } from './node-tolerations.ts';

export type ActDependencies = {
  client: KubeClient;
  references: ReferenceReader;
  runningPods: RunningPods;
  executor: ExecutorSettings;
  /** Keeps the logs of a Job, which go with it. */
  keepLogs: (job: Job) => Promise<void>;
  podSettings: ReadPodSettings;
  /** Called between writes; tests throw here to stand for a kill. */
  betweenWrites?: ((after: string) => void) | undefined;
};

export type ActContext = {
  cluster: VirtualCluster;
  plugin: VirtualClusterPlugin;
  target: Target;
  /** Called when a Job is complete and about to run: records that it was started. */
  beforeStart: () => Promise<void>;
};

/**
 * Carries out one act and gives the Job as it is then (undefined: gone). Every write can be repeated: names come
 * from content, a 409 on create means done.
 * @throws ReasonedError for the status: a missing reference, a refusal, the webhook that is away.
 */
export async function execute(
  deps: ActDependencies,
  context: ActContext,
  act: JobAct,
): Promise<Job | undefined> {
  switch (act.kind) {
    case 'create':
      return createJob(deps, context, act.name, act.content);
    case 'unsuspend':
      return unsuspendJob(deps, context, act.job, act.content);
    case 'refresh':
      await refreshSecret(deps, context, act.job, act.content);
      return act.job;
    case 'end':
      return endJob(deps, act.job);
    case 'delete':
      await deleteJob(deps, act.job);
      return undefined;
  }
}

async function createJob(
  { client, references, executor, podSettings, betweenWrites }: ActDependencies,
  { cluster, plugin }: ActContext,
  name: string,
  content: Content,
): Promise<Job> {
  const { namespace } = plugin.metadata;
  await checkReferences(references, namespace, content.locations);
  const { executor: settings } = await podSettings();
  const draft = buildJob({ name, cluster, plugin, content, executor, settings });
  try {
    const job = await client.create(jobs, draft);
    betweenWrites?.('create');
    return job;
  } catch (error) {
    if (!isAlreadyExists(error)) throw creationError(error);
  }
  // Made by a predecessor, and not in the cache yet.
  const job = await client.get(jobs, { namespace, name });
  const isOurs =
    job.metadata.labels?.[LABEL.clusterUid] === cluster.metadata.uid &&
    job.metadata.annotations?.[ANNOTATION.digest] === content.digest;
  if (isOurs) return job;
  throw new ReasonedError(
    'JobNameTaken',
    `Job ${namespace}/${name} already exists and belongs to something else; delete it`,
  );
}

async function unsuspendJob(
  { client, references, runningPods, betweenWrites }: ActDependencies,
  { cluster, plugin, target, beforeStart }: ActContext,
  job: Job,
  content: Content,
): Promise<Job> {
  const { namespace, name, uid } = job.metadata;
  // The node first: nothing is written when it can't be found out.
  const node = await nodeOfClaims({ runningPods, references }, namespace, content.locations);
  const tolerations = await nodeTolerations(references, namespace, content.locations, node);
  const draft = buildOrderSecret({ job, cluster, plugin, content, target });
  if (!(await ignoreAlreadyExists(client.create(secrets, draft)))) await adoptSecret(client, draft);
  betweenWrites?.('secret');
  await beforeStart();
  const placement = placementOf(job, node, tolerations);
  const unsuspended = await client.patch(
    jobs,
    { namespace, name },
    {
      // Not the resourceVersion: the job controller writes the status of the new Job at the same time.
      metadata: { uid },
      spec: { suspend: false, template: { spec: placement } },
    },
  );
  betweenWrites?.('unsuspend');
  return unsuspended;
}

/** What a suspended Job's template may still be given. */
function placementOf({ spec }: Job, node: string | undefined, tolerations: object[]): object {
  const { affinity, tolerations: own = [] } = spec.template.spec;
  return {
    ...(node !== undefined && { affinity: withNode(node, affinity) }),
    ...(tolerations.length > 0 && { tolerations: [...own, ...tolerations] }),
  };
}

/**
 * A Secret of that name is there: ours of before a kill, or of an earlier Job of the same name, or somebody's who
 * guessed the name. It stays only if it says the same: credentials may have changed since, or never been ours.
 */
async function adoptSecret(client: KubeClient, draft: ReturnType<typeof buildOrderSecret>): Promise<void> {
  const { namespace = '', name = '' } = draft.metadata;
  const found = await client.get(secrets, { namespace, name });
  const owner = draft.metadata.ownerReferences?.[0]?.uid;
  const isOwned = found.metadata.ownerReferences?.some(({ uid }) => uid === owner);
  const isSame = canonicalJson(found.data ?? {}) === canonicalJson(draft.data ?? {});
  if (isOwned && isSame && found.metadata.deletionTimestamp === undefined) return;
  await client.delete(secrets, { namespace, name }, { preconditions: { uid: found.metadata.uid } });
  await client.create(secrets, draft);
}

/** The kubelet reads the Secret when it starts the next pod. */
async function refreshSecret(
  { client }: ActDependencies,
  { cluster, plugin, target }: ActContext,
  job: Job,
  content: Content,
): Promise<void> {
  const { metadata, data } = buildOrderSecret({ job, cluster, plugin, content, target });
  const { namespace = '', name = '' } = metadata;
  const found = await ignoreNotFound(client.get(secrets, { namespace, name }));
  const isOwned = found?.metadata.ownerReferences?.some(({ uid }) => uid === job.metadata.uid);
  // Without it no pod starts; the Job's deadline ends that.
  if (!found || !isOwned || canonicalJson(found.data ?? {}) === canonicalJson(data ?? {})) return;
  const { uid, resourceVersion } = found.metadata;
  await ignoreStale(client.patch(secrets, { namespace, name }, { metadata: { uid, resourceVersion }, data }));
}

async function endJob({ client }: ActDependencies, { metadata }: Job): Promise<Job> {
  const { uid, namespace, name } = metadata;
  return client.patch(jobs, { namespace, name }, { metadata: { uid }, spec: { backoffLimit: 0 } });
}

/** Deletes a Job and its pods; one that has changed or gone meanwhile is left. */
export async function deleteJob(
  { client, keepLogs, betweenWrites }: Pick<ActDependencies, 'client' | 'keepLogs' | 'betweenWrites'>,
  job: Job,
): Promise<void> {
  await keepLogs(job);
  const { metadata, spec } = job;
  const { uid, resourceVersion } = metadata;
  // One that waits is only deleted as it was seen: it must not have been let run since.
  const preconditions = spec.suspend ? { uid, resourceVersion } : { uid };
  await ignoreStale(client.delete(jobs, metadata, { preconditions }).then(() => betweenWrites?.('delete')));
}

function creationError(error: unknown): unknown {
  if (isWebhookFailure(error)) {
    return new ReasonedError(
      'WebhookUnavailable',
      'the API server cannot reach the webhook pinion-webhook, and no executor runs without it; check kubectl -n pinion-system get pods; retrying',
      { cause: error },
    );
  }
  if (!(error instanceof ApiError) || error.code < 400 || error.code >= 500) return error;
  const denied = /admission webhook "[^"]*" denied the request: ([\s\S]*)/.exec(error.message)?.[1];
  return new ReasonedError(denied ? 'AdmissionRefused' : 'JobRefused', denied ?? error.message, {
    cause: error,
  });
}
