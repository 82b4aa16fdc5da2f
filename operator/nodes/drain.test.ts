import { expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import type { Pod } from '#kube/resources.ts';
import { drain } from './drain.ts';

const pod = (name: string): Pod => ({ metadata: { namespace: 'shops', name, uid: `uid-${name}` } });

/** A cluster with these pods on the node: enough of a client for a drain. */
function clusterWith(names: string[]) {
  const asked: string[] = [];
  const client: Partial<Record<keyof KubeClient, unknown>> = {
    list: async () => ({ items: names.map(pod) }),
    post: async (_of: unknown, { name }: { name: string }) => void asked.push(name),
  };
  return { client: client as KubeClient, asked };
}

test('all pods are asked to leave', async () => {
  const { client, asked } = clusterWith(['a', 'b']);
  expect(await drain(client, 'w')).toEqual({ pods: ['shops/a', 'shops/b'] });
  expect(asked).toEqual(['a', 'b']);
});

test('a slow cluster is not asked on, and what is left is said', async () => {
  const { client, asked } = clusterWith(['a', 'b']);
  expect(await drain(client, 'w', { budgetMs: -1 })).toEqual({ pods: ['shops/a', 'shops/b'] });
  expect(asked).toEqual([]);
});
