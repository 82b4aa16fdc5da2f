import type { WorkOrder } from '#api/contract/work-order.ts';
import { releaseOf } from '#api/contract/work-order.ts';
import type { Redactor } from '../log/redactor.ts';
import { addSecretObject } from '../log/rendered-secrets.ts';
import { failureOf, type TargetClient } from './client.ts';

/** Releases' own records are left out: they are large, and what they render is read apart. */
const QUERY = 'limit=500&fieldSelector=type%21%3Dhelm.sh%2Frelease.v1';

/**
 * Has the values redacted of the Secrets in the target namespace as they are there: also of those that a Job, an
 * operator or an earlier revision made up.
 * @throws Failure
 */
export async function addNamespaceSecrets(
  client: TargetClient,
  redactor: Redactor,
  order: WorkOrder,
): Promise<void> {
  const answer = await client.request('GET', `/api/v1/namespaces/${order.targetNamespace}/secrets?${QUERY}`);
  if (answer.code !== 200) throw failureOf(answer, `Secrets of namespace ${order.targetNamespace}`);
  const open = namesOf(order);
  for (const secret of (answer.body['items'] ?? []) as object[]) addSecretObject(redactor, secret, open);
}

/** Names that the log shows anyway. */
export function namesOf(order: WorkOrder): string[] {
  const { targetNamespace, plugin, cluster } = order;
  const names = [targetNamespace, plugin.name, plugin.namespace, cluster.name, cluster.namespace];
  return [...names, releaseOf(order) ?? []].flat();
}
