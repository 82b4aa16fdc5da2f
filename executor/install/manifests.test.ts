import { expect, test } from 'vitest';
import { inOrder, readManifests } from './manifests.ts';

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

test.for([
  ['one document', map('a'), ['a']],
  [
    'documents with comments and empty ones',
    `# x\n---\n${map('a')}--- # b\n---\n${map('b')}---\n`,
    ['a', 'b'],
  ],
  ['a separator inside of a text', `${map('a')}data:\n  t: |\n    ---\n    x\n`, ['a']],
  ['Windows line ends', `${map('a')}---\n${map('b')}`.replaceAll('\n', '\r\n'), ['a', 'b']],
  [
    'a List',
    `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: p}}\n`,
    ['p'],
  ],
  ['JSON', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'j' } }), ['j']],
] as const)('%s is read', ([, content, names]) => {
  expect(readManifests('f.yaml', content).map(({ name }) => name)).toEqual(names);
});

test.for([
  ['a text', 'hello', /document 1, is no Kubernetes object/],
  ['no kind', 'apiVersion: v1', /needs apiVersion and kind/],
  [
    'no name',
    `${map('a')}---\napiVersion: v1\nkind: Pod\nmetadata: {generateName: a}`,
    /document 2, is a Pod without/,
  ],
  ['broken YAML', 'a: [', /is not YAML/],
] as const)('%s is refused', ([, content, says]) => {
  expect(() => readManifests('f.yaml', content)).toThrow(says);
});

test('definitions and namespaces come first, all else in the order of the files', () => {
  const object = (kind: string, apiVersion = 'v1') => ({
    kind,
    apiVersion,
    name: kind,
    namespace: undefined,
    text: '',
    file: '',
  });
  const [early, rest] = inOrder([
    object('Pod'),
    object('CustomResourceDefinition', 'apiextensions.k8s.io/v1'),
    object('Service'),
    object('Namespace'),
  ]);
  expect([...early, ...rest].map(({ kind }) => kind)).toEqual([
    'CustomResourceDefinition',
    'Namespace',
    'Pod',
    'Service',
  ]);
});
