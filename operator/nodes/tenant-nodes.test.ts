import { expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { ApiError } from '#kube/errors.ts';
import { drain } from './drain.ts';
import { inTenant, listTenantNodes, readTenantNode } from './tenant-nodes.ts';

/** A tenant that gives this response to every request. */
const respondingWith = (answer: unknown) =>
  ({ get: async () => answer, list: async () => ({ items: [answer] }) }) as unknown as KubeClient;

const metadata = { name: 'w', uid: 'u' };
const valid = {
  metadata: { ...metadata, labels: { a: 'b' } },
  spec: { taints: [{ key: 'a', effect: 'NoSchedule', value: 'b' }] },
  status: { conditions: [{ type: 'Ready', status: 'True', message: 'ok' }], images: [] },
};
const invalid: [string, unknown][] = [
  ['conditions that are a string', { metadata, status: { conditions: 'x' } }],
  ['a condition that is null', { metadata, status: { conditions: [null] } }],
  ['taints that are an object', { metadata, spec: { taints: {} } }],
  ['a Node without metadata', {}],
  ['null instead of a Node', null],
];

test('reading a tenant’s Nodes returns valid ones unchanged', async () => {
  expect(await readTenantNode(respondingWith(valid), 'w')).toEqual(valid);
  expect(await listTenantNodes(respondingWith(valid))).toEqual([valid]);
});

test.each(invalid)('reading a tenant’s Nodes fails with TenantUnreadable for %s', async (_what, answer) => {
  const unreadable = { reason: 'TenantUnreadable' };
  await expect(readTenantNode(respondingWith(answer), 'w')).rejects.toMatchObject(unreadable);
  await expect(listTenantNodes(respondingWith(answer))).rejects.toMatchObject(unreadable);
});

test('draining a tenant’s node fails with TenantUnreadable for a pod of the wrong shape', async () => {
  const draining = inTenant(() => drain(respondingWith({ metadata: { ownerReferences: 'x' } }), 'w'));
  await expect(draining).rejects.toMatchObject({ reason: 'TenantUnreadable' });
});

test.each([
  ['keeps the reason of the API server', 403, undefined, 'Forbidden'],
  [
    'turns a conflict in the tenant into an error that is no conflict of the VirtualCluster',
    409,
    undefined,
    'Conflict',
  ],
  [
    'replaces a reason that is not a CamelCase word by TenantRefused',
    422,
    'over there! '.repeat(30),
    'TenantRefused',
  ],
])('inTenant %s', async (_sentence, code, reason, expected) => {
  const error = new ApiError(code, { message: 'no'.repeat(1000), ...(reason && { reason }) }, 'get');
  const thrown: unknown = await inTenant(() => Promise.reject(error)).catch((caught) => caught);
  expect(thrown).toMatchObject({ reason: expected });
  expect(thrown).not.toBeInstanceOf(ApiError);
  expect((thrown as Error).message.length).toBeLessThanOrEqual(1024);
});
