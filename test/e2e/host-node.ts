/** The machine that tests move, as the host sees it. */
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { eventually, get, kubectl, list } from '#test/kubectl.ts';

/** What is promised of a machine that comes back. */
export const RETURN_SECONDS = 90;

export type HostNode = {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: { unschedulable?: boolean; taints?: { key: string }[] };
  status: { conditions: { type: string; status: string }[] };
};

export const hostNode = (node: string) => get<HostNode>('node', node, '');

export const isReady = (found: HostNode | undefined) =>
  found?.status.conditions.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;

/** The demo's tenant may have the machine; `make demo` makes it anew. */
export async function takeBack(node: string): Promise<void> {
  for (const { metadata, status } of await list<VirtualCluster>('vc', '-A')) {
    if (!status?.nodes?.some((one) => one.name === node)) continue;
    await kubectl(['delete', 'vc', metadata.name, '-n', metadata.namespace, '--timeout=300s']);
  }
  await eventually(`${node} is a Ready node of the host`, RETURN_SECONDS, async () =>
    isReady(await hostNode(node)),
  );
}
