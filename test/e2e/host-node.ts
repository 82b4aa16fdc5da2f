/** The machine that tests promote, as the host sees it. */
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { eventually, get, kubectl, list } from '#test/kubectl.ts';

/** The documented limit for a machine to return. */
export const RETURN_SECONDS = 90;

export type HostNode = {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: { unschedulable?: boolean; taints?: { key: string }[] };
  status: { conditions: { type: string; status: string }[] };
};

export const hostNode = (node: string) => get<HostNode>('node', node, '');

export const isReady = (node: HostNode | undefined) =>
  node?.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

/** Deletes the clusters that have the machine, the demo's among them (`make demo` recreates it). */
export async function takeBack(node: string): Promise<void> {
  for (const { metadata, status } of await list<VirtualCluster>('vc', '-A')) {
    if (!status?.nodes?.some(({ name }) => name === node)) continue;
    await kubectl(['delete', 'vc', metadata.name, '-n', metadata.namespace, '--timeout=300s']);
  }
  await eventually(`${node} is a Ready node of the host`, RETURN_SECONDS, async () =>
    isReady(await hostNode(node)),
  );
}
