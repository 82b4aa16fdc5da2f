import { expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import type { Pod } from '#kube/resources.ts';
import { drain } from './drain.ts';

const pod = (name: string): Pod => ({ metadata: { namespace: 'shops', name, uid: `uid-${name}` } });

/** A client of a cluster with these pods on the node: just what a drain needs. */
function clusterWith(names: string[]) {
  const evicted: string[] = [];
  const client: Partial<Record<keyof KubeClient, unknown>> = {
    list: async () => ({ items: names.map(pod) }),
    post: async (_of: unknown, { name }: { name: string }) => void evicted.push(name),
  };
  return { client: client as KubeClient, evicted };
}

test('drain evicts all pods and returns those that are still there', async () => {
  const { client, evicted } = clusterWith(['a', 'b']);
  expect(await drain(client, 'w')).toEqual({ pods: ['shops/a', 'shops/b'] });
  expect(evicted).toEqual(['a', 'b']);
});

test('drain stops when its time budget is used up, and returns the remaining pods', async () => {
  const { client, evicted } = clusterWith(['a', 'b']);
  expect(await drain(client, 'w', { budgetMs: -1 })).toEqual({ pods: ['shops/a', 'shops/b'] });
  expect(evicted).toEqual([]);
});
