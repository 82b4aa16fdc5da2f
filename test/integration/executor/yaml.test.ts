import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { get, kubectl } from '#test/kubectl.ts';
import { aConfigMapOf, createPod } from './pod.ts';

const install = { kind: 'yaml', source: { slot: 'yaml', path: '' } } as const;

test('manifests of a directory are applied in the order of their kinds, into a new namespace', async () => {
  const pod = await createPod();
  await pod.sources({
    'yaml/a.yaml': `apiVersion: example.com/v1\nkind: Feather\nmetadata: {name: one}\n---\n# nothing\n---\n${aConfigMapOf('elsewhere').replace('{"name"', '{"namespace":"yaml-other","name"')}`,
    'yaml/b.yml':
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: listed}\n',
    'yaml/z.yaml': `apiVersion: v1
kind: Namespace
metadata: {name: yaml-other}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: feathers.example.com}
spec:
  group: example.com
  names: {kind: Feather, plural: feathers}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: octal}
spec:
  containers: [{name: a, image: a}]
  volumes: [{name: v, configMap: {name: listed, defaultMode: 0644}}]
`,
  });
  await pod.order({ targetNamespace: 'yaml-basic', install });
  const { code, log, report } = await pod.start('run').ended;
  expect(log).toContain('Succeeded: 6 objects applied');
  expect(code).toBe(0);
  expect(report).toMatchObject({ reason: 'Succeeded', verified: 'NotAsked', digest: 'digest-1' });
  expect(await get('feather', 'one', 'yaml-basic')).toBeDefined();
  expect(await get('configmap', 'elsewhere', 'yaml-other')).toBeDefined();
  const pods = await get<{ spec: { volumes: { configMap?: { defaultMode: number } }[] } }>(
    'pod',
    'octal',
    'yaml-basic',
  );
  expect(pods?.spec.volumes[0]?.configMap?.defaultMode).toBe(0o644);
  const inventory = await kubectl([
    'get',
    'configmap',
    '-n',
    'yaml-basic',
    '-l',
    'app.kubernetes.io/managed-by=pinion',
    '-o',
    'jsonpath={.items[0].data.objects\\.json}',
  ]);
  expect(
    (JSON.parse(inventory) as { name: string; digest: string }[]).map(({ name, digest }) => [
      name,
      digest.length,
    ]),
  ).toEqual(
    ['yaml-other', 'feathers.example.com', 'one', 'elsewhere', 'listed', 'octal'].map((name) => [name, 64]),
  );
  expect(await kubectl(['get', 'lease', '-n', 'yaml-basic', '-o', 'name'])).toBe('');
});

test.for([
  {
    name: 'a kustomization is refused with a word on where it belongs',
    files: { 'yaml/kustomization.yaml': 'resources: []' },
    reason: 'SourceInvalid',
    says: 'pluginSources.kustomize',
  },
  {
    name: 'an object that the API refuses is named with its reason',
    files: {
      'yaml/a.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}',
    },
    reason: 'ApplyRejected',
    says: /Service bad \(a.yaml\): .*Invalid value.*99999/,
  },
  {
    name: 'an unknown field is refused as kubectl refuses it',
    files: { 'yaml/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndatum: {}' },
    reason: 'ApplyRejected',
    says: /ConfigMap bad .*datum/,
  },
  {
    name: 'a kind that the target does not know may come later',
    files: { 'yaml/a.yaml': 'apiVersion: nope.example.com/v1\nkind: Nope\nmetadata: {name: bad}' },
    reason: 'ApplyFailed',
    says: 'has no kind Nope',
  },
  {
    name: 'an empty directory says what it holds',
    files: { 'yaml/deep/a.yaml': '{}', 'yaml/other/a.yaml': '{}' },
    reason: 'SourceInvalid',
    says: 'found deep, other',
  },
])('$name', async ({ files, reason, says }) => {
  const pod = await createPod();
  await pod.sources(files as Record<string, string>);
  await pod.order({ targetNamespace: 'yaml-bad', install });
  const { report } = await pod.start('run').ended;
  expect(report?.reason).toBe(reason);
  expect(report?.message).toMatch(says);
});

test('a missing path is answered with what is there', async () => {
  const pod = await createPod();
  await pod.sources({ 'yaml/charts/a.yaml': '{}' });
  await pod.order({ install: { kind: 'yaml', source: { slot: 'yaml', path: 'charts/b.yaml' } } });
  const { code, report } = await pod.start('run').ended;
  expect(report?.message).toContain('charts holds a.yaml');
  expect(code).toBe(10);
});

test('a link out of the volume is not followed', async () => {
  const pod = await createPod();
  await pod.sources({ 'yaml/a/b.yaml': '{}' });
  await symlink('/etc', join(pod.directory, 'sources/yaml/etc'));
  await pod.order({ install: { kind: 'yaml', source: { slot: 'yaml', path: 'etc/passwd' } } });
  const { report } = await pod.start('run').ended;
  expect(report).toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringContaining('points outside'),
  });
});
