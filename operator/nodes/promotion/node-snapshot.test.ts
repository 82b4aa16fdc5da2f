import { expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import type { ConfigMap } from '#kube/resources.ts';
import { cluster } from '#test/observed.ts';
import { type Kept, readKept, writeKept } from './node-snapshot.ts';

const kept: Kept = {
  nodeName: 'w',
  uid: 'host-uid',
  labels: {},
  annotations: {},
  taints: [],
  unschedulable: false,
  agent: { host: '192.0.2.3', port: 10270, certificate: 'PEM' },
};

/** A host that has these ConfigMaps: enough of a client for what is kept. */
function host(maps: ConfigMap[]): KubeClient {
  const client: Partial<Record<keyof KubeClient, unknown>> = {
    create: async (_of: unknown, map: ConfigMap) => maps.push(map),
    list: async (_of: unknown, { namespace }: { namespace?: string }) => ({
      items: maps.filter(({ metadata }) => metadata.namespace === namespace),
    }),
  };
  return client as KubeClient;
}

test('what is kept of a node is found again', async () => {
  const client = host([]);
  await writeKept(client, cluster({}), kept);
  expect([...(await readKept(client, cluster({}))).values()]).toEqual([kept]);
});

test('nothing in the namespace of a VirtualCluster is taken for it, whatever its labels are', async () => {
  const maps: ConfigMap[] = [];
  const client = host(maps);
  await writeKept(client, cluster({}), kept);
  for (const { metadata } of maps) metadata.namespace = cluster({}).metadata.namespace;
  expect((await readKept(client, cluster({}))).size).toBe(0);
});
