import { expect, test } from 'vitest';
import { fetchFromIndex } from './chart-index.ts';

/** Fetches from a repository with this index; what is fetched is the address that the index gave. */
const fetchFrom = async (index: string, version?: string) => {
  const get = async (url: string) => ({
    status: 200,
    headers: {},
    body: Buffer.from(url.endsWith('/index.yaml') ? index : url),
  });
  const of = { repo: 'https://r.example.com/charts', name: 'web', version, authorization: undefined };
  const { content } = await fetchFromIndex(get, of);
  return content.toString();
};

const entry = (version: unknown) => `{version: ${version}, urls: [web-${version}.tgz]}`;
const many = (one: (i: number) => string) => Array.from({ length: 10_000 }, (_, i) => one(i)).join(', ');

test.for([
  ['of another chart is no list', `{entries: {web: [${entry('1.0.0')}], other: nonsense}}`],
  ['of another version has no urls', `{entries: {web: [${entry('1.0.0')}, {version: 0.1.0, urls: no}]}}`],
  ['has no version', `{entries: {web: [{name: web}, null, ${entry('1.0.0')}]}}`],
  ['has lists for a version', `{entries: {web: [{version: [1, 2]}, ${entry('1.0.0')}]}}`],
] as const)('an entry that %s does not hide the wanted one', async ([, index]) => {
  expect(await fetchFrom(index, '1.x')).toBe('https://r.example.com/charts/web-1.0.0.tgz');
});

test.for([
  ['no mapping', '[]', /the document can't be read/],
  ['nothing', '', /the document can't be read/],
  ['broken YAML', 'entries: [', /the document can't be read/],
  ['no list of versions', '{entries: {web: {a: b}}}', /entries\.web can't be read/],
  ['no list of addresses', '{entries: {web: [{version: 1.0.0, urls: a}]}}', /1\.0\.0 of entries\.web can't/],
  ['no such chart', '{entries: {b: [], a: []}}', /has no chart web; it has a, b/],
  ['a chart without versions', '{entries: {web: null}}', /has no chart web; it has web/],
] as const)('an index with %s is refused', async ([, index, message]) => {
  await expect(fetchFrom(index)).rejects.toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringMatching(message),
  });
});

test.for([
  ['charts', `{entries: {web: &w [${many(() => entry('1.0.0'))}], ${many((i) => `c${i}: *w`)}}}`],
  [
    'versions',
    `{x: &v {version: 1.0.0, urls: [${many(() => 'a')}]}, entries: {web: [${entry('2.0.0')}, ${many(() => '*v')}]}}`,
  ],
] as const)('thousands of aliases among its %s take no time', { timeout: 10_000 }, async ([, index]) => {
  expect(await fetchFrom(index)).toMatch(/web-[12]\.0\.0\.tgz$/);
});

test('a version that is lists of lists of aliases is none', { timeout: 5000 }, async () => {
  const lists = Array.from(
    { length: 10 },
    (_, i) => `b${i}: &b${i} [${Array(10).fill(i ? `*b${i - 1}` : 'a')}]`,
  );
  const index = `{${lists.join(', ')}, entries: {web: [{version: *b9}, ${entry('1.0.0')}]}}`;
  expect(await fetchFrom(index)).toContain('web-1.0.0.tgz');
});
