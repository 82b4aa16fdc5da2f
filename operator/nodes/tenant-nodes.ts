import { z } from 'zod';
import { ReasonedError, reasonOr } from '#api/errors.ts';
import type { KubeClient } from '#kube/client.ts';
import { ApiError, ignoreNotFound } from '#kube/errors.ts';
import { type Node, nodes } from '#kube/resources.ts';

/** What is read of a tenant's Node. Whoever owns the tenant decides what its API server answers. */
const tenantNode = z.object({
  metadata: z.object({
    name: z.string(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z
    .object({
      unschedulable: z.boolean().optional(),
      taints: z.array(z.object({ key: z.string(), effect: z.string() })).optional(),
    })
    .optional(),
  status: z
    .object({
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
        .optional(),
    })
    .optional(),
});

/** @throws ReasonedError TenantUnreadable among them */
export const readTenantNode = (client: KubeClient, name: string): Promise<Node | undefined> =>
  ofTenant(async () => {
    const node = await ignoreNotFound(client.get(nodes, { name }));
    if (node !== undefined) tenantNode.parse(node);
    return node;
  });

/** @throws ReasonedError TenantUnreadable among them */
export const listTenantNodes = (client: KubeClient): Promise<Node[]> =>
  ofTenant(async () => {
    const { items } = await client.list(nodes);
    z.array(tenantNode).parse(items);
    return items;
  });

/**
 * Does something in a tenant. What it answers of a wrong shape is its problem, as a silence is, and no fault of ours;
 * its conflicts are not those of the VirtualCluster, and its webhooks may answer with any words.
 */
export async function ofTenant<T>(doing: () => Promise<T>): Promise<T> {
  try {
    return await doing();
  } catch (error) {
    if (error instanceof ApiError) {
      const reason = reasonOr(error.reason, 'TenantRefused');
      throw new ReasonedError(reason, error.message.slice(0, 1024), { cause: error });
    }
    if (error instanceof ReasonedError) throw error;
    const message = `the tenant's API server answers what nobody understands: ${(error as Error).message}`;
    throw new ReasonedError('TenantUnreadable', message.slice(0, 512), { cause: error });
  }
}
