import { dump } from 'js-yaml';
import { expect, test } from 'vitest';
import { fetchFromIndex } from './chart-index.ts';
import { findChart } from './index-lines.ts';

const entry = (name: string, version: string) => ({
  apiVersion: 'v2',
  description: 'What it does: this, #that\nand `more`',
  keywords: ['a', 'b'],
  name,
  urls: [`${name}-${version}.tgz`],
  version,
});
const tree = {
  apiVersion: 'v1',
  entries: {
    db: [entry('db', '1.0.0')],
    web: [entry('web', '2.1.0'), entry('web', '2.0.0')],
    'web-ui': [entry('web-ui', '3.0.0')],
  },
  generated: '2026-01-02T03:04:05Z',
};
const BLOCK = dump(tree, { quoteStyle: 'double' });

/** The address that is fetched of a chart in this index. */
async function addressIn(index: string | Buffer, name = 'web', version = '2.x') {
  const get = async (url: string) => ({
    status: 200,
    headers: {},
    body: url.endsWith('/index.yaml') ? Buffer.from(index) : Buffer.from(url),
  });
  const of = { repo: 'https://r.example.com', name, version, authorization: undefined };
  return (await fetchFromIndex(get, of)).content.toString();
}

test.for([
  ['as helm writes it', BLOCK.replaceAll(/^(\s*) {2}- /gm, '$1- ').replaceAll(/^ {6}/gm, '    ')],
  ['with lists that are indented', BLOCK],
  ['with lines that end like on Windows', BLOCK.replaceAll('\n', '\r\n')],
  ['with a mark of its encoding', `\uFEFF${BLOCK}`],
  [
    'with comments and empty lines',
    BLOCK.replaceAll(/^( +)web:/gm, '# entries: no\n\n$1# web:\n$1web: # this one'),
  ],
  ['with quoted keys', BLOCK.replaceAll(/^( +)(web|db):$/gm, '$1"$2":')],
  ['that begins with a document mark', `---\n${BLOCK}`],
  ['whose last line has no end', BLOCK.trimEnd()],
  ['with entries as its last field', dump({ apiVersion: 'v1', entries: tree.entries })],
] as const)('the chart is found line by line in an index %s', async ([, index]) => {
  expect(findChart(Buffer.from(index), 'web')).toMatchObject({ entries: { length: 2 } });
  expect(await addressIn(index)).toBe('https://r.example.com/web-2.1.0.tgz');
});

test.for([
  ['JSON', JSON.stringify(tree)],
  ['braces', `# made by hand\n${JSON.stringify(tree)}`],
  ['an alias of a chart', `x: &w [{version: 2.1.0, urls: [web-2.1.0.tgz]}]\nentries:\n  web: *w\n`],
  ['an alias in the entry', `x: &u [web-2.1.0.tgz]\nentries:\n  web:\n  - version: 2.1.0\n    urls: *u\n`],
  ['entries in one line', 'entries:\n  web:\n  - {version: 2.1.0, urls: [web-2.1.0.tgz]}\n'],
  ['a list in one line', 'entries:\n  web: [{version: 2.1.0, urls: [web-2.1.0.tgz]}]\n'],
  ['an explicit key', 'entries:\n  ? web\n  : - version: 2.1.0\n      urls: [web-2.1.0.tgz]\n'],
] as const)('the chart is found in an index with %s', async ([, index]) => {
  expect(await addressIn(index)).toBe('https://r.example.com/web-2.1.0.tgz');
});

test('a chart that is there twice is refused, as a key that is repeated', async () => {
  const twice = 'entries:\n  web:\n  - version: 2.0.0\n  web:\n  - version: 2.1.0\n';
  await expect(addressIn(twice)).rejects.toMatchObject({ reason: 'SourceInvalid' });
});

test('charts and versions that are there instead are named', async () => {
  await expect(addressIn(BLOCK, 'wev')).rejects.toThrow(/has no chart wev; it has db, web, web-ui/);
  await expect(addressIn(BLOCK, 'web', '9.x')).rejects.toThrow(
    /has no version 9\.x; it has 2\.1\.0, 2\.0\.0/,
  );
});

test('over 10 MiB an index of any other form is refused, with its size', async () => {
  const filler = `entries: {a: [${'{version: 1.0.0}, '.repeat(620_000)}]}`;
  await expect(addressIn(filler)).rejects.toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringMatching(
      /of 10\.\d MiB, is neither JSON nor in the form of helm repo index \(over 10 MiB/,
    ),
  });
});
