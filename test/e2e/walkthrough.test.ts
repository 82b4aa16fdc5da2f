import { readFile } from 'node:fs/promises';
import { beforeAll, expect, inject, test } from 'vitest';
import { aVirtualCluster } from '#test/builders.ts';
import { apply, get, kubectl } from '#test/kubectl.ts';
import { freshNamespace, untilPhase } from './world.ts';

const namespace = 'e2e-walkthrough';
const folder = 'test/fixtures/walkthrough';
const plugin = 'apiserver-network-proxy';

/** The name of the default StorageClass. */
async function defaultStorageClass(): Promise<string> {
  const path =
    '{.items[?(@.metadata.annotations.storageclass\\.kubernetes\\.io/is-default-class=="true")].metadata.name}';
  return kubectl(['get', 'storageclasses', '-o', `jsonpath=${path}`]);
}

beforeAll(() => freshNamespace(namespace));

test('a file that was copied into a volume is installed as a plugin, without verification', async () => {
  const statefulSet = (await readFile(`${folder}/statefulset.yaml`, 'utf8'))
    .replace('IMAGE', inject('executorImage'))
    .replace('STORAGE_CLASS', await defaultStorageClass());
  await kubectl(['delete', 'configmap', 'test', '-n', 'kube-system', '--ignore-not-found']);

  await kubectl(['apply', '-n', namespace, '-f', '-'], statefulSet);
  await kubectl(['rollout', 'status', '-n', namespace, 'statefulset/ubuntu-statefulset', '--timeout=300s']);
  await kubectl(['cp', '-n', namespace, `${folder}/test.yaml`, 'ubuntu-statefulset-0:/pv']);
  await kubectl(['apply', '-n', namespace, '-f', `${folder}/plugin.yaml`]);
  await apply(aVirtualCluster(namespace, 'walkthrough', [plugin]));

  const status = await untilPhase(namespace, 'walkthrough', 'Completed', 240);
  expect(status.pluginsReady).toBe('1/1');
  expect(status.plugins).toEqual([
    expect.objectContaining({ name: plugin, phase: 'Installed', verified: 'NotAsked', attempts: 1 }),
  ]);
  expect(await get('configmap', 'test', 'kube-system')).toMatchObject({ data: { from: 'test.yaml' } });
});
