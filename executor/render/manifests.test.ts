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
  ['a text', 'hello', /document 1, is not a Kubernetes object/],
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

/** Nine lists, each of ten aliases of the one before: a thousand million texts. */
const bomb = Array.from({ length: 9 }, (_, i) =>
  i === 0 ? '- &b0 [lol, lol]' : `- &b${i} [${Array(10).fill(`*b${i - 1}`)}]`,
).join('\n');
const list = (kind: string, rest: string) => `apiVersion: v1\nkind: ${kind}\n${rest}`;
const item = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}';

test.for([
  ['aliases of aliases in an item', list('ConfigMapList', `x:\n${bomb}\nitems: [${item}, data: *b8}]`)],
  [
    'Lists of aliases of Lists',
    list('List', `items:\n- &l0 ${item}}\n`) +
      Array.from(
        { length: 9 },
        (_, i) => `- &l${i + 1} {apiVersion: v1, kind: List, items: [${Array(10).fill(`*l${i}`)}]}\n`,
      ).join(''),
  ],
  [
    'many aliases of one long text',
    list('List', `x: &t "${'x'.repeat(10_000)}"\nitems: [${item}, data: [${Array(3000).fill('*t')}]}]`),
  ],
  [
    'many documents with some aliases each',
    `${list('List', `x:\n${bomb.split('\n').slice(0, 6).join('\n')}\nitems: [${item}, data: *b5}]`)}\n---\n`.repeat(
      30,
    ),
  ],
  ['aliases of what they are in', list('List', `items:\n- &me {apiVersion: v1, kind: List, items: [*me]}`)],
] as const)('%s are refused before they are written out', { timeout: 10_000 }, ([, content]) => {
  expect(() => readManifests('f.yaml', content)).toThrow(
    expect.objectContaining({
      reason: 'SourceInvalid',
      message: expect.stringMatching(/^f\.yaml: its aliases .* replace them with their content/),
    }),
  );
});

test('the aliases of an item are written out', () => {
  const shared = list('List', `x: &d {mode: "0644"}\nitems: [${item}, data: *d}]`);
  const [object] = readManifests('f.yaml', shared);
  expect(JSON.parse(object?.text ?? '')).toMatchObject({ data: { mode: '0644' } });
});

test('a large text without aliases is read, as kustomize may build one', () => {
  const data = `{a: "${'x'.repeat(21 * 1024 * 1024)}"}`;
  expect(readManifests('f.yaml', list('List', `items: [${item}, data: ${data}}]`))).toHaveLength(1);
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
