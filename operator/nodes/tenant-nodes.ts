import { z } from 'zod';
import { ReasonedError, reasonOr } from '#api/errors.ts';
import type { KubeClient } from '#kube/client.ts';
import { ApiError, ignoreNotFound } from '#kube/errors.ts';
import { type Node, nodes } from '#kube/resources.ts';

/** The fields of a tenant's Node that are read. The tenant's owner controls what its API server returns. */
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

/** Reads one Node of a tenant. @throws ReasonedError, `TenantUnreadable` among them */
export const readTenantNode = (client: KubeClient, name: string): Promise<Node | undefined> =>
  inTenant(async () => {
    const node = await ignoreNotFound(client.get(nodes, { name }));
    if (node !== undefined) tenantNode.parse(node);
    return node;
  });

/** Reads all Nodes of a tenant. @throws ReasonedError, `TenantUnreadable` among them */
export const listTenantNodes = (client: KubeClient): Promise<Node[]> =>
  inTenant(async () => {
    const { items } = await client.list(nodes);
    z.array(tenantNode).parse(items);
    return items;
  });

/**
 * Runs requests to a tenant and turns every failure into a ReasonedError: a response of a wrong shape is a problem of
 * the tenant and not a bug, a conflict in the tenant is not a conflict of the VirtualCluster, and a webhook of the
 * tenant may return any text as its reason.
 * @throws ReasonedError
 */
export async function inTenant<T>(requests: () => Promise<T>): Promise<T> {
  try {
    return await requests();
  } catch (error) {
    if (error instanceof ApiError) {
      const reason = reasonOr(error.reason, 'TenantRefused');
      throw new ReasonedError(reason, error.message.slice(0, 1024), { cause: error });
    }
    if (error instanceof ReasonedError) throw error;
    const message = `the tenant's API server returned an unexpected response: ${(error as Error).message}`;
    throw new ReasonedError('TenantUnreadable', message.slice(0, 512), { cause: error });
  }
}
