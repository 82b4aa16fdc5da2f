import { expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { ApiError } from '#kube/errors.ts';
import { drain } from './drain.ts';
import { listTenantNodes, ofTenant, readTenantNode } from './tenant-nodes.ts';

/** A tenant that answers just this, whatever is asked. */
const answering = (answer: unknown) =>
  ({ get: async () => answer, list: async () => ({ items: [answer] }) }) as unknown as KubeClient;

const metadata = { name: 'w', uid: 'u' };
const good = {
  metadata: { ...metadata, labels: { a: 'b' } },
  spec: { taints: [{ key: 'a', effect: 'NoSchedule', value: 'b' }] },
  status: { conditions: [{ type: 'Ready', status: 'True', message: 'ok' }], images: [] },
};
const wrong: [string, unknown][] = [
  ['conditions that are a text', { metadata, status: { conditions: 'x' } }],
  ['a condition that is none', { metadata, status: { conditions: [null] } }],
  ['taints that are an object', { metadata, spec: { taints: {} } }],
  ['no metadata', {}],
  ['null', null],
];

test('a Node of the right shape is taken as it is', async () => {
  expect(await readTenantNode(answering(good), 'w')).toEqual(good);
  expect(await listTenantNodes(answering(good))).toEqual([good]);
});

test.each(wrong)('a Node with %s is unreadable', async (_what, answer) => {
  const unreadable = { reason: 'TenantUnreadable' };
  await expect(readTenantNode(answering(answer), 'w')).rejects.toMatchObject(unreadable);
  await expect(listTenantNodes(answering(answer))).rejects.toMatchObject(unreadable);
});

test('so is a pod of a wrong shape', async () => {
  const draining = ofTenant(() => drain(answering({ metadata: { ownerReferences: 'x' } }), 'w'));
  await expect(draining).rejects.toMatchObject({ reason: 'TenantUnreadable' });
});

test.each([
  ['what the API server refuses keeps its reason', 403, undefined, 'Forbidden'],
  ["a conflict there is none of the VirtualCluster's", 409, undefined, 'Conflict'],
  ["a webhook's words that are no reason", 422, 'over there! '.repeat(30), 'TenantRefused'],
])('%s', async (_what, code, reason, expected) => {
  const error = new ApiError(code, { message: 'no'.repeat(1000), ...(reason && { reason }) }, 'get');
  const thrown: unknown = await ofTenant(() => Promise.reject(error)).catch((one) => one);
  expect(thrown).toMatchObject({ reason: expected });
  expect(thrown).not.toBeInstanceOf(ApiError);
  expect((thrown as Error).message.length).toBeLessThanOrEqual(1024);
});
