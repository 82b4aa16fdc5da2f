import type { KubeClient } from '#kube/client.ts';
import { ApiError, ignoreNotFound, ignoreStale } from '#kube/errors.ts';
import { nodes, type Pod, pods } from '#kube/resources.ts';

/** Pods that are still on a node that is being drained. */
export type Remaining = {
  /** `namespace/name` of each; empty: the node is drained. */
  pods: string[];
  /** Why the API server refused an eviction, mostly because of a disruption budget. */
  refused?: string;
};

/** A tenant's webhook can slow down every eviction: what this budget leaves is evicted by the next call. */
const BUDGET_MS = 15_000;

/** Cordons or uncordons a node. @returns false when the node does not exist @throws ApiError */
export async function setSchedulable(
  client: KubeClient,
  name: string,
  schedulable: boolean,
): Promise<boolean> {
  const node = await ignoreNotFound(client.get(nodes, { name }));
  if (!node) return false;
  if ((node.spec?.unschedulable ?? false) === schedulable) {
    await client.patch(nodes, { name }, { spec: { unschedulable: schedulable ? null : true } });
  }
  return true;
}

/**
 * Evicts all pods that can run elsewhere. Never waits: call it again until no pod is left.
 * @param force deletes pods without grace, whatever their disruption budgets say
 * @returns the pods that are still there
 * @throws ApiError
 */
export async function drain(
  client: KubeClient,
  nodeName: string,
  { force = false, budgetMs = BUDGET_MS }: { force?: boolean; budgetMs?: number } = {},
): Promise<Remaining> {
  const { items } = await client.list(pods, { fieldSelector: `spec.nodeName=${nodeName}` });
  const evictable = items.filter(isEvictable);
  const until = performance.now() + budgetMs;
  let refused: string | undefined;
  for (const pod of evictable) {
    if (performance.now() > until) break;
    if (force) await remove(client, pod);
    else if (!pod.metadata.deletionTimestamp) refused = (await evict(client, pod)) ?? refused;
  }
  const names = evictable.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
  return { pods: names, ...(refused === undefined ? {} : { refused }) };
}

/** Mirror pods are files of the node, a DaemonSet's pods come back at once, and finished pods run no more. */
function isEvictable({ metadata, status }: Pod): boolean {
  if (metadata.annotations?.['kubernetes.io/config.mirror']) return false;
  if (metadata.ownerReferences?.some(({ kind, controller }) => kind === 'DaemonSet' && controller))
    return false;
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** @returns why the API server refused the eviction; undefined when it did not */
async function evict(client: KubeClient, { metadata }: Pod): Promise<string | undefined> {
  const { namespace, name, uid } = metadata;
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace, name },
    deleteOptions: { preconditions: { uid } },
  };
  try {
    await ignoreStale(client.post(pods, { namespace, name }, 'eviction', body));
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.code === 429) return `${namespace}/${name}: ${error.message}`;
    throw error;
  }
}

async function remove(client: KubeClient, { metadata }: Pod): Promise<void> {
  const { uid, ...name } = metadata;
  await ignoreStale(client.delete(pods, name, { gracePeriodSeconds: 0, preconditions: { uid } }));
}
