import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { nodes } from '#kube/resources.ts';
import { kubectl } from '#test/kubectl.ts';
import { connect, given, installKinds, podOf, startOperator, succeed, whenCluster } from './harness.ts';

let client: KubeClient;
let operator: { stop: () => Promise<void> };
const LABEL = 'gone-node';

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(LABEL);
});
afterAll(() => operator?.stop());

test('a pod whose node does not answer is removed by force after its grace, and a successor finishes', async () => {
  const namespace = 'op-gone-node';
  await client.create(nodes, { metadata: { name: 'gone-node' } });
  await given(LABEL, namespace, ['web']);
  const { metadata } = await podOf(client, namespace, 'web');
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { namespace, name: metadata.name },
    target: { apiVersion: 'v1', kind: 'Node', name: 'gone-node' },
  };
  const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}/binding`;
  await kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(binding));
  await kubectl(['delete', 'pod', metadata.name, '-n', namespace, '--grace-period=1', '--wait=false']);
  const successor = await podOf(client, namespace, 'web', metadata.uid);
  await succeed(client, successor);
  const { status } = await whenCluster(
    client,
    namespace,
    'is Completed',
    (one) => one.status?.phase === 'Completed',
  );
  expect(status?.plugins?.[0]).toMatchObject({ phase: 'Installed' });
});
