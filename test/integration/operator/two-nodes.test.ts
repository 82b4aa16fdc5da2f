import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { aPlugin } from '#test/builders/manifests.ts';
import { apply, kubectl } from '#test/kubectl.ts';
import { aClusterOf, connect, given, installKinds, jobsIn, startOperator, whenCluster } from './harness.ts';

const namespace = 'op-two-nodes';
const nodes = ['op-two-nodes-a', 'op-two-nodes-b'];
let client: KubeClient;
let operator: { stop: () => Promise<void> };

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator('two-nodes');
  await apply(...nodes.map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })));
});
afterAll(async () => {
  await kubectl(['delete', 'node', ...nodes, '--ignore-not-found']);
  await operator?.stop();
});

test('sources on two nodes are reported within 5 s, and no Job is made', async () => {
  const [storage, valuesFile] = nodes.map((nodeName) => ({ hostPath: { path: '/opt/web.yaml', nodeName } }));
  await given('two-nodes', namespace, []);
  await apply(
    aPlugin(namespace, 'web', { pluginSources: { chart: { storage, valuesFile } } }),
    aClusterOf('two-nodes', namespace, ['web']),
  );
  const { status } = await whenCluster(
    client,
    namespace,
    'says that no node has both',
    (cluster) => cluster.status?.plugins?.[0]?.reason === 'DifferentNodes',
    5,
  );
  expect(status?.plugins?.[0]?.message).toMatch(/op-two-nodes-a.*op-two-nodes-b/);
  expect(await jobsIn(client, namespace)).toEqual([]);
});
