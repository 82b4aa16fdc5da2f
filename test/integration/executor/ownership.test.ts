import { expect, test } from 'vitest';
import { fieldManager, INVENTORY_KEY, inventoryName } from '#api/contract/target-names.ts';
import { get, kubectl } from '#test/kubectl.ts';
import { aPluginOfTeam, createPod, type Meta } from './pod.ts';

const object = (kind: string, metadata: object, rest: object = {}, apiVersion = 'v1') =>
  JSON.stringify({ apiVersion, kind, metadata, ...rest });
const map = (name: string, data: Record<string, string>, metadata: object = {}) =>
  object('ConfigMap', { name, ...metadata }, { data });

/** One run of a plugin of manifests. */
async function applyAs(plugin: string, targetNamespace: string, ...objects: string[]) {
  const pod = await createPod();
  await pod.sources({ 'yaml/all.yaml': objects.join('\n---\n') });
  await pod.order({
    plugin: aPluginOfTeam(plugin),
    targetNamespace,
    install: { kind: 'yaml', source: { slot: 'yaml', path: '' } },
  });
  return pod.start('run').ended;
}

/** What a release of Pinion left that had one field manager for all plugins. */
async function appliedBefore(plugin: string, namespace: string, ...objects: string[]) {
  await kubectl(
    ['apply', '--server-side', '--force-conflicts', '--field-manager=pinion', '-n', namespace, '-f', '-'],
    objects.join('\n---\n'),
  );
  const entries = objects.map((text) => {
    const { apiVersion, kind, metadata } = JSON.parse(text) as Meta & {
      apiVersion: string;
      kind: string;
      metadata: { name: string; namespace?: string };
    };
    // Cluster-scoped objects had the target namespace too.
    return { apiVersion, kind, namespace: metadata.namespace ?? namespace, name: metadata.name, digest: 'd' };
  });
  const inventory = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: inventoryName(aPluginOfTeam(plugin)),
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'pinion' },
      annotations: { 'kosmos.io/plugin': `team/${plugin}` },
    },
    data: { [INVENTORY_KEY]: JSON.stringify(entries) },
  };
  await kubectl(['apply', '-f', '-'], JSON.stringify(inventory));
}

const managersOf = async (kind: string, name: string, namespace: string) => {
  const args = ['get', kind, name, '-n', namespace, '-o', 'json', '--show-managed-fields'];
  const { metadata } = JSON.parse(await kubectl(args)) as Meta;
  return metadata.managedFields
    ?.filter(({ operation }) => operation === 'Apply')
    .map(({ manager }) => manager);
};

const aNamespace = (name: string) => kubectl(['create', 'namespace', name]);

test('a namespace that two plugins bring keeps the labels and annotations of the first', async () => {
  const shared = { name: 'own-shared' };
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged', team: 'nodes' };
  const annotations = { 'example.com/owner': 'nodes' };
  await applyAs(
    'shared-a',
    'own-shared',
    object('Namespace', { ...shared, labels, annotations }),
    map('a', {}),
  );
  const second = await applyAs('shared-b', 'own-shared', object('Namespace', shared), map('b', {}));
  expect(second.report, second.log).toMatchObject({ reason: 'Succeeded' });
  const { metadata } = (await get<Meta>('namespace', 'own-shared', '')) ?? { metadata: {} };
  expect(metadata).toMatchObject({ labels, annotations });
});

test('each plugin keeps its own keys of a shared ConfigMap, and takes away only its own', async () => {
  await applyAs('keys-a', 'own-keys', map('both', { a: '1', old: '1' }));
  await applyAs('keys-b', 'own-keys', map('both', { b: '2' }));
  await applyAs('keys-a', 'own-keys', map('both', { a: '3' }));
  expect((await get<Meta>('configmap', 'both', 'own-keys'))?.data).toEqual({ a: '3', b: '2' });
});

test('two plugins that set one field to different values are both named, with the object and the field', async () => {
  await applyAs('field-a', 'own-field', map('one', { colour: 'red', size: '1' }));
  const { report, code } = await applyAs('field-b', 'own-field', map('one', { colour: 'blue', size: '1' }));
  expect(report).toMatchObject({
    reason: 'ObjectOwnedByPlugin',
    message:
      'ConfigMap one (all.yaml): plugins team/field-a and team/field-b both set .data.colour, to different values; keep it in one of them, or disable one',
  });
  expect(code).toBe(36);
  expect((await get<Meta>('configmap', 'one', 'own-field'))?.data).toMatchObject({ colour: 'red' });
});

test('a field that a person edited in the target goes back to what the plugin declares', async () => {
  await applyAs('edited', 'own-edited', map('one', { colour: 'red' }));
  await kubectl(['patch', 'configmap', 'one', '-n', 'own-edited', '-p', '{"data":{"colour":"grey"}}']);
  await kubectl(
    ['apply', '--server-side', '--force-conflicts', '-n', 'own-edited', '-f', '-'],
    map('one', { colour: 'black' }),
  );
  const { report, log } = await applyAs('edited', 'own-edited', map('one', { colour: 'red' }));
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect((await get<Meta>('configmap', 'one', 'own-edited'))?.data).toEqual({ colour: 'red' });
});

test('what an earlier release applied becomes the plugin’s, and fields that it no longer declares go away', async () => {
  await aNamespace('own-legacy');
  await appliedBefore('legacy', 'own-legacy', map('one', { a: '1', dropped: '1' }), map('same', { a: '1' }));
  const { report, log } = await applyAs(
    'legacy',
    'own-legacy',
    map('one', { a: '2' }),
    map('same', { a: '1' }),
  );
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect(report).not.toHaveProperty('left');
  expect((await get<Meta>('configmap', 'one', 'own-legacy'))?.data).toEqual({ a: '2' });
  const own = [fieldManager(aPluginOfTeam('legacy'))];
  expect(await managersOf('configmap', 'one', 'own-legacy')).toEqual(own);
  expect(await managersOf('configmap', 'same', 'own-legacy')).toEqual(own);
});

test('of what two plugins applied under the one former manager, nothing is lost when each is applied again', async () => {
  await aNamespace('own-both');
  const withLabel = (labels: object) => object('Namespace', { name: 'own-both', labels });
  await appliedBefore('both-a', 'own-both', withLabel({ a: '1', dropped: '1' }));
  await appliedBefore('both-b', 'own-both', withLabel({ b: '1', old: '1' }));
  const labels = async () => (await get<Meta>('namespace', 'own-both', ''))?.metadata.labels;
  await applyAs('both-a', 'own-both', withLabel({ a: '1' }));
  expect(await labels()).toMatchObject({ a: '1', b: '1' });
  await applyAs('both-b', 'own-both', withLabel({ b: '1' }));
  expect(await labels()).toEqual({ a: '1', b: '1', 'kubernetes.io/metadata.name': 'own-both' });
  expect(await managersOf('namespace', 'own-both', '')).toEqual(
    ['both-a', 'both-b'].map((name) => fieldManager(aPluginOfTeam(name))),
  );
});

test('a field that another plugin has applied under the former manager is refused with its name', async () => {
  await aNamespace('own-rival');
  await appliedBefore('rival-a', 'own-rival', map('one', { colour: 'red' }));
  const { report } = await applyAs('rival-b', 'own-rival', map('one', { colour: 'blue' }));
  expect(report?.reason).toBe('ObjectOwnedByPlugin');
  expect(report?.message).toContain('plugins team/rival-a and team/rival-b both set .data.colour');
});

test('a plugin takes over what a plugin of the same name in the catalogue applied', async () => {
  const pod = await createPod();
  const install = { kind: 'yaml', source: { slot: 'yaml', path: '' } } as const;
  await pod.sources({ 'yaml/a.yaml': map('one', { a: '1', dropped: '1' }) });
  const catalogue = { ...aPluginOfTeam('dns'), namespace: 'pinion-catalogue' };
  await pod.order({ plugin: catalogue, targetNamespace: 'own-catalogue', install });
  await pod.start('run').ended;
  const { report, log } = await applyAs('dns', 'own-catalogue', map('one', { a: '2' }));
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect((await get<Meta>('configmap', 'one', 'own-catalogue'))?.data).toEqual({ a: '2' });
});

test('what a plugin no longer has is reported until it is deleted', async () => {
  const role = object('ClusterRole', { name: 'own-left' }, { rules: [] }, 'rbac.authorization.k8s.io/v1');
  const service = object('Service', { name: 'gone' }, { spec: { ports: [{ port: 80 }] } });
  await applyAs('left', 'own-left', map('settings-1', {}), service, role);
  const second = await applyAs('left', 'own-left', map('settings-2', {}), role);
  expect(second.report?.left).toEqual({
    count: 2,
    objects: ['ConfigMap own-left/settings-1', 'Service own-left/gone'],
  });
  expect(second.report?.message).toContain('2 objects of earlier versions are still in the target');
  await kubectl(['delete', 'service', 'gone', '-n', 'own-left']);
  const third = await applyAs('left', 'own-left', map('settings-3', {}));
  expect(third.report?.left).toEqual({
    count: 3,
    objects: ['ConfigMap own-left/settings-1', 'ConfigMap own-left/settings-2', 'ClusterRole own-left'],
  });
});

test('many objects that are left are counted, and the report names as many as fit', async () => {
  const maps = Array.from({ length: 60 }, (_, i) => map(`a-rather-long-name-of-a-generated-map-${i}`, {}));
  await applyAs('many', 'own-many', ...maps);
  const { report, message } = await applyAs('many', 'own-many', map('last', {}));
  expect(report?.left?.count).toBe(60);
  expect(report?.left?.objects.length).toBeGreaterThan(2);
  expect(message.split('\n')[0]?.length).toBeLessThanOrEqual(1024);
});

test.for([
  [
    'has another version of its API',
    'version',
    (version: string) =>
      object(
        'HorizontalPodAutoscaler',
        { name: 'same' },
        {
          spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } },
        },
        version,
      ),
    ['autoscaling/v1', 'autoscaling/v2'],
  ],
  [
    'is cluster-scoped and named with a namespace',
    'scope',
    (namespace: string) =>
      object('ClusterRole', { name: 'own-same', namespace }, { rules: [] }, 'rbac.authorization.k8s.io/v1'),
    ['one', 'two'],
  ],
] as const)('an object that %s is the same object, and not left', async ([, name, make, [before, after]]) => {
  const first = await applyAs(name, `own-${name}`, make(before));
  expect(first.report, first.log).toMatchObject({ reason: 'Succeeded' });
  const { report, log } = await applyAs(name, `own-${name}`, make(after));
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect(report).not.toHaveProperty('left');
});

test('what somebody else has made anew, and objects whose kind is gone, are not left', async () => {
  const crd = object(
    'CustomResourceDefinition',
    { name: 'nests.own.example.com' },
    {
      spec: {
        group: 'own.example.com',
        names: { kind: 'Nest', plural: 'nests' },
        scope: 'Cluster',
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    },
    'apiextensions.k8s.io/v1',
  );
  const nest = object('Nest', { name: 'one' }, {}, 'own.example.com/v1');
  const first = await applyAs('anew', 'own-anew', crd, nest, map('mine', {}), map('stays', {}));
  expect(first.report, first.log).toMatchObject({ reason: 'Succeeded' });
  await kubectl(['delete', 'configmap', 'mine', '-n', 'own-anew']);
  await kubectl(['create', 'configmap', 'mine', '-n', 'own-anew']);
  await kubectl(['delete', 'crd', 'nests.own.example.com']);
  const { report, log } = await applyAs('anew', 'own-anew', map('stays', {}));
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect(report).not.toHaveProperty('left');
});
