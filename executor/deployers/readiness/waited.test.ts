import { expect, test } from 'vitest';
import { waitedFor } from './waited.ts';

const objects = (manifest: string, note: (text: string) => void = () => undefined) =>
  waitedFor(manifest, note).map(({ kind, namespace, name }) =>
    [kind, namespace, name].filter(Boolean).join(' '),
  );

test.for([
  ['a Deployment', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}', ['Deployment a']],
  ['its own namespace', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}', ['Pod b a']],
  ['a quoted kind', 'apiVersion: "batch/v1" # c\r\nkind: \'Job\'\r\nmetadata: {name: a}', ['Job a']],
  ['JSON', '{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "a"}}', ['DaemonSet a']],
  ['a custom resource', 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}', ['Widget a']],
  [
    'a List',
    'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}',
    ['Pod a'],
  ],
  ['ConfigMaps', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: "kind: Pod"}', []],
  [
    'Services of any type',
    'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: LoadBalancer}',
    [],
  ],
  ['roles', 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}', []],
  ['documents without an object', '# Source: web/templates/a.yaml\n\n', []],
  [
    'many documents with comments',
    '---\n# Source: a\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\n# Source: b\nkind: StatefulSet\napiVersion: apps/v1\nmetadata:\n  name: b\n',
    ['StatefulSet b'],
  ],
] as const)('of %s what can be unready is waited for', ([, manifest, expected]) => {
  expect(objects(manifest)).toEqual(expected);
});

test('a document that cannot be read is noted and does not fail the installation', () => {
  const notes: string[] = [];
  expect(
    objects('kind: {Deployment\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}', (text) =>
      notes.push(text),
    ),
  ).toEqual(['Pod a']);
  expect(notes.join()).toContain('not waited for');
});
