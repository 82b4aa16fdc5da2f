import type { KubeClient } from '#kube/client.ts';
import { ApiError, ignoreNotFound, ignoreStale } from '#kube/errors.ts';
import { nodes, type Pod, pods } from '#kube/resources.ts';

/** Pods that are still on a node that is to be empty. */
export type Remaining = {
  /** `namespace/name` of each; empty: the node is drained. */
  pods: string[];
  /** What the API server said when it refused an eviction, mostly a disruption budget. */
  refused?: string;
};

/** A tenant's webhook can make each eviction slow: the others are asked next time. */
const BUDGET_MS = 15_000;

/** Sets whether new pods come to the node; false when there is no such node. */
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
 * Asks all pods that can live elsewhere to leave the node, and says which are still there. Never waits: call it
 * again until none is. `force`: the time for politeness is over, disruption budgets no longer count, and pods go
 * without their grace.
 */
export async function drain(
  client: KubeClient,
  nodeName: string,
  { force = false, budgetMs = BUDGET_MS }: { force?: boolean; budgetMs?: number } = {},
): Promise<Remaining> {
  const { items } = await client.list(pods, { fieldSelector: `spec.nodeName=${nodeName}` });
  const leaving = items.filter(mustLeave);
  const until = performance.now() + budgetMs;
  let refused: string | undefined;
  for (const pod of leaving) {
    if (performance.now() > until) break;
    if (force) await remove(client, pod);
    else if (!pod.metadata.deletionTimestamp) refused = (await evict(client, pod)) ?? refused;
  }
  const names = leaving.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
  return { pods: names, ...(refused === undefined ? {} : { refused }) };
}

/** Mirror pods are files of the node, a DaemonSet's come back at once, and the finished ones are only history. */
function mustLeave({ metadata, status }: Pod): boolean {
  if (metadata.annotations?.['kubernetes.io/config.mirror']) return false;
  if (metadata.ownerReferences?.some(({ kind, controller }) => kind === 'DaemonSet' && controller))
    return false;
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** Gives why the API server refused, if it did. */
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
