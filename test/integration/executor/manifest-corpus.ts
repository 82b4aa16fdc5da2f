/**
 * Files of manifests for a comparison with kubectl. `$` stands for the name of the file's object, a Sheet: its spec may hold
 * anything, and says with every number, text and boolean how it was read.
 */
export const SHEET = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: sheets.corpus.example.com}
spec:
  group: corpus.example.com
  names: {kind: Sheet, plural: sheets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;

export const HEAD = 'apiVersion: corpus.example.com/v1\nkind: Sheet\n';
const named = `${HEAD}metadata: {name: $}\n`;
export const sheet = (spec: string) => `${named}spec:\n  ${spec.replaceAll('\n', '\n  ')}\n`;
export const json = (more: string) =>
  `{"apiVersion":"corpus.example.com/v1","kind":"Sheet","metadata":{"name":"$"},${more}}`;

/** Scalars as people write them without a thought of what a parser makes of them. */
const SCALARS: string[] = [
  ...'yes no on off y n Yes NO On oFF true TRUE True False ~ null Null NULL nULL'.split(' '),
  ...'0644 0o644 0O17 0x1F 0XFF 0b101 -0b11 1_000 1_0.5 08 09.5 007 +1 -1 -0 +0x10 0x e3 1e v1.10 1.2.3'.split(
    ' ',
  ),
  ...'12:30 12:30:45 190:20:30 -12:30 1:60 12:30.5 80:8080 :8080 a:b'.split(' '),
  ...'2026-02-03 2026-2-3 2027-01-31T10:00:00Z 2027-01-31t10:00:00.5+02:00'.split(' '),
  ...'1e3 1E3 1e+3 1.0 1. .5 -.5 -0.0 1e-7 1e21 0.1 100000000000000000000 1.10 3.14159265358979323846'.split(
    ' ',
  ),
  ...'2147483648 123456789012 9007199254740993 9223372036854775807 9223372036854775808'.split(' '),
  ...'18446744073709551615 18446744073709551616 -9223372036854775808 -9223372036854775809'.split(' '),
  ...'1.7976931348623157e308 5e-324 1e400 10.0.0.1 10.0.0.0/8 100Mi 500m 1,000 http://a/b#c Zürich 🐦 <a&b>'.split(
    ' ',
  ),
  ...[
    `'yes'`,
    '"0644"',
    `'12:30'`,
    '"2026-02-03"',
    `'it''s'`,
    `'a # b'`,
    '"\\u00fc\\x41\\t"',
    '"\\u2028"',
    '"\\x7f"',
  ],
  ...['a # comment', '# nothing', '2001-12-14 21:59:43.10 -5', '!!str 12', '!!str 2026-02-03', '!!int "3"'],
  ...[
    '!!float 1',
    '!!bool "yes"',
    '!!binary aGVsbG8=',
    '!!null ""',
    '!local a',
    '"a\\\n  b"',
    'two\n  lines',
  ],
  ...['|\n  a\n   b\n', '>-\n  a\n  b\n\n  c', '|2-\n    a', '|+\n  a\n\n'],
];

export const inList = (...items: string[]) =>
  `apiVersion: v1\nkind: List\nitems:\n${items.map((item) => `- ${item.trimEnd().replaceAll('\n', '\n  ')}\n`).join('')}`;

/** Where a scalar may stand. A List is taken apart, so its items are not what was written. */
const CONTEXTS: [string, (scalar: string) => string][] = [
  ['in a mapping', (scalar) => sheet(`value: ${scalar}`)],
  ['in a List', (scalar) => inList(sheet(`value: ${scalar}`))],
  [
    'over a merge key',
    (scalar) =>
      sheet(
        `base: &base {value: 1, more: 2}\nmerged:\n  <<: *base\n  value: ${scalar.replaceAll('\n', '\n  ')}`,
      ),
  ],
];

const generated: [string, string][] = SCALARS.flatMap((scalar) =>
  CONTEXTS.map(([where, write]): [string, string] => [`${JSON.stringify(scalar)} ${where}`, write(scalar)]),
);

export const annotated = (metadata: string) =>
  `${HEAD}metadata:\n  name: $\n  ${metadata.replaceAll('\n', '\n  ')}\n`;

const written: [string, string | Buffer][] = [
  ['a byte order mark', `\uFEFF${sheet('town: Zürich')}`],
  [
    'UTF-16 of PowerShell',
    Buffer.from(`\uFEFF${sheet('town: Zürich 🐦')}`.replaceAll('\n', '\r\n'), 'utf16le'),
  ],
  ['UTF-16 with the high byte first', Buffer.from(`\uFEFF${sheet('town: Łódź')}`, 'utf16le').swap16()],
  ['JSON in UTF-16', Buffer.from(`\uFEFF${json('"spec":{"town":"Zürich"}')}`, 'utf16le')],
  ['JSON with a byte order mark', `\uFEFF${json('"spec":{"a":1.0}')}`],
  ['a replacement character of its own', sheet('text: "\uFFFD"')],
  ['Windows line ends', sheet('text: |\n  a\n  b\nflow: [a,\n  b]').replaceAll('\n', '\r\n')],
  ['line ends of old Macs', sheet('text: a').replaceAll('\n', '\r')],
  ['no line end', sheet('a: 1').trimEnd()],
  ['a comment before all', `# a: b\n\n# c\n${sheet('a: 1 # b')}# end\n`],
  ['comments between', `${HEAD}# one\nmetadata: # two\n  # three\n  name: $\n`],
  ['empty documents', `---\n---\n\n---\n${sheet('a: 1')}---\n---\n`],
  ['documents of comments', `# a\n---\n# b\n--- # c\n${sheet('a: 1')}---\n# d\n`],
  ['a document null', `null\n---\n${sheet('a: 1')}---\n~\n`],
  ['the end of a document', `${sheet('a: 1')}...\n`],
  ['blanks after a separator', `---   \t\n${sheet('a: 1')}---  # x\n`],
  ['a separator inside of a text', sheet('text: |\n  a\n   ---\n  b')],
  ['a key twice', sheet('a: 1\na: 2')],
  ['a key twice, in flow', sheet('a: {b: 1, b: yes}')],
  ['spec twice', `${sheet('a: 1')}spec: {b: 2}\n`],
  ['a label twice', annotated('labels: {a: b, a: c}')],
  ['a key twice in JSON', json('"spec":{"a":1,"a":2}')],
  ['a label twice in JSON', json('"spec":{}').replace('"$"', '"$","labels":{"a":"b","a":"c"}')],
  ['numbers of JSON', json('"spec":{"a":1e3,"b":1.0,"c":9007199254740993,"d":-0,"e":0.5}')],
  ['dates of JSON', json('"spec":{"a":"2026-02-03","b":"12:30"}')],
  ['escapes of JSON', json('"spec":{"a":"\\u00fc\\/\\ud83d\\udc26\\u007f"}')],
  ['JSON on many lines', JSON.stringify(JSON.parse(json('"spec":{"a":[1,2,{"b":null}]}')), undefined, 2)],
  ['JSON with tabs', json('\n\t"spec":\t{\n\t\t"a":\t1\n\t}')],
  ['JSON and then YAML', `${json('"spec":{"a":1}')}\n---\n# nothing\n`],
  [
    'a flow mapping that is no JSON',
    `{apiVersion: corpus.example.com/v1, kind: Sheet, metadata: {name: $}, spec: {a: yes}}`,
  ],
  ['a merge of two', sheet('a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}')],
  ['a merge after its override', sheet('a: &a {x: 1, y: 1}\nc:\n  x: 2\n  <<: *a')],
  ['a merge of a merge', sheet('a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, x: 3}')],
  ['a quoted <<', sheet('a: {"<<": 1}')],
  ['aliases of lists and texts', sheet('a: &a [1, yes]\nb: *a\nc: &c 0644\nd: [*c, *c]')],
  ['an anchor used again', sheet('a: &a 1\nb: *a\nc: &a 2\nd: *a')],
  ['keys that are no texts', sheet('1: a\nyes: b\n1.5: c\n0x10: d\n"2": e')],
  ['a key that is a date', sheet('2026-02-03: a\n12:30: b')],
  ['an explicit key', sheet('? a\n: b\n? long key\n: - c')],
  ['quoted keys', sheet('"a b": 1\n\'c\': 2')],
  ['an empty value', sheet('a:\nb: ""\nc: []\nd: {}')],
  ['lists at the level of their key', sheet('a:\n- 1\n- - 2\n  - 3')],
  ['a plain text over lines', sheet('a: one\n  two\n\n  three')],
  ['a set', sheet('a: !!set {x, y}')],
  ['tabs inside', sheet('a: "b\tc"\nd: e\tf')],
  ['an empty namespace', annotated('namespace: ""')],
  ['a null namespace', annotated('namespace: null')],
  ['annotations null', annotated('annotations: null')],
  ['an annotation in quotes', annotated('annotations: {a: "2026-02-03", b: "yes", c: "12:30"}')],
  ['dates of annotations', annotated('annotations:\n  a: 2027-01-31T10:00:00Z\n  b: 2026-02-03\n  c: 12:30')],
  [
    'dates of annotations in a List',
    inList(annotated('annotations:\n  a: 2027-01-31T10:00:00Z\n  b: 12:30')),
  ],
  [
    'a SheetList',
    inList(sheet('a: 12:30')).replace('v1\nkind: List', 'corpus.example.com/v1\nkind: SheetList'),
  ],
  ['a List of JSON', `{"apiVersion":"v1","kind":"List","items":[${json('"spec":{"a":1.50}')}]}`],
  ['an empty List beside', `apiVersion: v1\nkind: List\nitems: []\n---\n${sheet('a: 1')}`],
  ['a List with metadata', `metadata: {resourceVersion: ""}\n${inList(sheet('a: 1'))}`],
  ['a long line', sheet(`a: ${'x'.repeat(70_000)}`)],
];

/** What kubectl accepts. Names are numbered, like `e17`. */
export const ACCEPTED: { about: string; name: string; content: string | Buffer }[] = [
  ...generated,
  ...written,
].map(([about, text], index) => {
  const name = `e${index}`;
  return { about, name, content: withName(text, name) };
});

/** Replaces `$`, in any encoding. */
function withName(text: string | Buffer, name: string): string | Buffer {
  if (typeof text === 'string') return text.replace('name: $', `name: ${name}`).replace('"$"', `"${name}"`);
  const wide = text[0] === 0xff ? Buffer.from(text) : Buffer.from(text).swap16();
  const named = Buffer.from(withName(wide.toString('utf16le'), name) as string, 'utf16le');
  return text[0] === 0xff ? named : named.swap16();
}
