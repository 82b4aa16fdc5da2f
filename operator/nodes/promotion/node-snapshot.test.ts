import { expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import type { ConfigMap } from '#kube/resources.ts';
import { cluster } from '#test/observed.ts';
import { type NodeSnapshot, readSnapshots, saveSnapshot } from './node-snapshot.ts';

const snapshot: NodeSnapshot = {
  nodeName: 'w',
  uid: 'host-uid',
  labels: {},
  annotations: {},
  taints: [],
  unschedulable: false,
  agent: { host: '192.0.2.3', port: 10270, certificate: 'PEM' },
};

/** A client of a host with these ConfigMaps: just what snapshots need. */
function host(maps: ConfigMap[]): KubeClient {
  const client: Partial<Record<keyof KubeClient, unknown>> = {
    create: async (_of: unknown, map: ConfigMap) => maps.push(map),
    list: async (_of: unknown, { namespace }: { namespace?: string }) => ({
      items: maps.filter(({ metadata }) => metadata.namespace === namespace),
    }),
  };
  return client as KubeClient;
}

test('readSnapshots finds a saved snapshot', async () => {
  const client = host([]);
  await saveSnapshot(client, cluster({}), snapshot);
  expect([...(await readSnapshots(client, cluster({}))).values()]).toEqual([snapshot]);
});

test('readSnapshots ignores ConfigMaps in the namespace of a VirtualCluster, whatever their labels', async () => {
  const maps: ConfigMap[] = [];
  const client = host(maps);
  await saveSnapshot(client, cluster({}), snapshot);
  for (const { metadata } of maps) metadata.namespace = cluster({}).metadata.namespace;
  expect((await readSnapshots(client, cluster({}))).size).toBe(0);
});
