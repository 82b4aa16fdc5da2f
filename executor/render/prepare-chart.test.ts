import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { resolveSource } from '../source/resolve.ts';
import { prepareChart } from './prepare-chart.ts';

/** Prepares a chart directory of these files. */
async function prepare(files: Record<string, string>) {
  const top = await mkdtemp(join(tmpdir(), 'pinion-chart-'));
  onTestFinished(() => rm(top, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(top, 'source', path)), { recursive: true });
    await writeFile(join(top, 'source', path), text);
  }
  return prepareChart(await resolveSource(join(top, 'source'), '', 'the chart source'), join(top, 'scratch'));
}

const CHART = 'apiVersion: v1\nname: web\nversion: 1.2.0\n';

test.for([
  ['empty', ''],
  ['nothing but a comment', '# none\n'],
  ['without dependencies', 'dependencies:\n'],
  ['one that names what is in charts/', 'dependencies: [{name: db, version: 1.x}]'],
  ['one with merge keys', 'd: &d {name: db}\ndependencies: [{<<: *d, version: 1.x}]'],
] as const)('a requirements.yaml that is %s is read', async ([, requirements]) => {
  const files = { 'Chart.yaml': CHART, 'requirements.yaml': requirements, 'charts/db-1.0.0.tgz': '' };
  expect(await prepare(files)).toMatchObject({ name: 'web', version: '1.2.0' });
});

test.for([
  [
    'requirements.yaml that is no YAML',
    'requirements.yaml',
    'dependencies:\n - name: a\n  version: [\n',
    /bad ind/,
  ],
  ['requirements.yaml that is a list', 'requirements.yaml', '- name: a', /the document: /],
  [
    'requirements.yaml with a nameless one',
    'requirements.yaml',
    'dependencies: [{}]',
    /dependencies\.0\.name: /,
  ],
  ['Chart.yaml that is no YAML', 'Chart.yaml', 'a: [', /./],
  ['Chart.yaml that is empty', 'Chart.yaml', '', /apiVersion: /],
  ['Chart.yaml without a version', 'Chart.yaml', 'apiVersion: v1\nname: web', /version: /],
] as const)('a %s is refused by its name', async ([, file, text, why]) => {
  await expect(prepare({ 'Chart.yaml': CHART, [file]: text })).rejects.toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringMatching(new RegExp(`^the chart source: ${file} is invalid: .*${why.source}`)),
  });
});

test('a dependency that is not in charts/ is named, once', async () => {
  const twice = 'dependencies: [{name: db, alias: a}, {name: db, alias: b}]';
  await expect(prepare({ 'Chart.yaml': CHART, 'requirements.yaml': twice })).rejects.toThrow(
    /depends on db, not in its charts/,
  );
});

test('thousands of aliases of one dependency take no time', { timeout: 10_000 }, async () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => `k${i}: 1`).join(', ');
  const many = `x: &d {name: db, ${keys}}\ndependencies: [${Array(10_000).fill('*d')}]`;
  const files = { 'Chart.yaml': `${CHART}${many}`, 'charts/db-1.0.0.tgz': '' };
  expect(await prepare(files)).toMatchObject({ name: 'web' });
});

test('a version that is lists of lists of aliases is none', { timeout: 5000 }, async () => {
  const lists = Array.from(
    { length: 12 },
    (_, i) => `b${i}: &b${i} [${Array(10).fill(i ? `*b${i - 1}` : 'a')}]`,
  );
  const chart = `${lists.join('\n')}\napiVersion: v1\nname: web\nversion: *b11`;
  await expect(prepare({ 'Chart.yaml': chart })).rejects.toThrow(/Chart\.yaml is invalid: version: /);
});
