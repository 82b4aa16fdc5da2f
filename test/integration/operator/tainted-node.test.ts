import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { aNamespace } from '#test/builders/manifests.ts';
import { apply, kubectl } from '#test/kubectl.ts';
import { connect, given, installKinds, podOf, startOperator } from './harness.ts';

const SELECTS = 'tainted-node';
const NODE = 'tainted-node';
let client: KubeClient;
let operator: { stop: () => Promise<void> };

const dedicated = { key: 'example.com/dedicated', value: 'storage', effect: 'NoSchedule' };

beforeAll(async () => {
  client = await connect();
  await installKinds();
  await apply({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: NODE, labels: { 'kubernetes.io/hostname': NODE } },
    spec: { taints: [dedicated, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
  });
  operator = await startOperator(SELECTS);
});
afterAll(async () => {
  await operator?.stop();
  await kubectl(['delete', 'node', NODE, '--ignore-not-found']);
});

const tolerationsIn = async (namespace: string, plugin: string) => {
  const { spec } = (await podOf(client, namespace, plugin)) as { spec?: { tolerations?: { key: string }[] } };
  return (spec?.tolerations ?? []).filter(({ key }) => !key.startsWith('node.kubernetes.io/'));
};
const tolerated = [{ key: dedicated.key, operator: 'Equal', value: 'storage', effect: 'NoSchedule' }];

test('a Job whose source names a tainted node tolerates exactly the taints of an administrator', async () => {
  const namespace = 'op-tainted';
  await apply(aNamespace(namespace));
  const path = { hostPath: { path: '/opt/web', nodeName: NODE } };
  await given(SELECTS, namespace, ['web'], { pluginSources: { yaml: { path } } });
  expect(await tolerationsIn(namespace, 'web')).toEqual(tolerated);
});

test('a Job whose claim is on the disk of a tainted node tolerates its taints, and no other Job does', async () => {
  const namespace = 'op-tainted-claim';
  const hostname = { key: 'kubernetes.io/hostname', operator: 'In', values: [NODE] };
  const storage = { accessModes: ['ReadWriteOnce'], storageClassName: '' };
  await apply(
    aNamespace(namespace),
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'on-tainted-node' },
      spec: {
        ...storage,
        capacity: { storage: '1Gi' },
        claimRef: { namespace, name: 'store' },
        local: { path: '/disk' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { namespace, name: 'store' },
      spec: { ...storage, volumeName: 'on-tainted-node', resources: { requests: { storage: '1Gi' } } },
    },
  );
  const spec = { pluginSources: { yaml: { path: { pvPath: 'store:web' } } } };
  await given(SELECTS, namespace, ['web'], spec);
  expect(await tolerationsIn(namespace, 'web')).toEqual(tolerated);
  await given(SELECTS, `${namespace}-2`, ['web']);
  expect(await tolerationsIn(`${namespace}-2`, 'web')).toEqual([]);
});
