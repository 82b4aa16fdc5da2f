import { labelValue } from '#api/contract/names.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import type { TargetClient } from '../target/client.ts';
import { PARTIAL_METADATA } from '../target/client.ts';
import { pluginOfRelease, readHistory } from './helm/history.ts';
import { RELEASE } from './helm/object-owner.ts';

/** The plugin, as namespace/name, in whose Helm release an object is, if it is another one than that of the order. */
export async function otherReleaseOwner(
  { client, order }: { client: TargetClient; order: WorkOrder },
  path: string,
): Promise<string | undefined> {
  const { code, body } = await client.request('GET', path, { accept: PARTIAL_METADATA });
  if (code !== 200) return undefined;
  const { annotations = {} } = body['metadata'] as { annotations?: Record<string, string> };
  const { [RELEASE.name]: name, [RELEASE.namespace]: namespace } = annotations;
  if (name === undefined || namespace === undefined) return undefined;
  // A kubeconfig that may not read the release has not made it.
  const last = (await readHistory(client, namespace, name).catch(() => [])).at(-1);
  const owner = last && pluginOfRelease(last.labels);
  if (owner === undefined) return undefined;
  const isOwn =
    labelValue(order.plugin.name).startsWith(owner.name) &&
    (owner.namespace ?? order.plugin.namespace) === order.plugin.namespace;
  return isOwn ? undefined : `${owner.namespace ? `${owner.namespace}/` : ''}${owner.name}`;
}
