import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeResult, withFigures } from './document.ts';
import { figure, figureTable, median } from './figures.ts';
import { scenarios } from './scenarios/index.ts';

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])('median of %j is %d', (numbers, expected) => {
  expect(median(numbers)).toBe(expected);
});

test('figureTable compares an aim with the ratio when there is a baseline, else with the value', () => {
  const ratio = figure({ what: 'a', unit: 's', values: [2, 3, 4], baselines: [3, 3, 3], aim: 1 });
  const value = figure({ what: 'b', unit: 'MiB', values: [120], aim: 110 });
  const [, , first, second] = figureTable([ratio, value]).split('\n');
  expect(first).toBe('| a | 3.00 s | 2.00 … 4.00 | 3.00 s | 1.00 | ≤ 1 | met |');
  expect(second).toBe('| b | 120 MiB |  |  |  | ≤ 110 MiB | missed |');
});

const page = `a
<!-- summary -->
<!-- end -->
<!-- figures: one -->
old
<!-- end -->
b
<!-- figures: two -->
<!-- end -->
`;

test('withFigures replaces the figures of one scenario and keeps everything else', () => {
  const changed = withFigures(page, 'one', 'new');
  expect(changed.slice(changed.indexOf('figures: one'))).toBe(
    page.slice(page.indexOf('figures: one')).replace('old', 'new'),
  );
  expect(withFigures(withFigures(page, 'two', 'x'), 'two', 'y')).toContain('two -->\ny\n<!-- end -->');
  expect(() => withFigures(page, 'three', '')).toThrow(/add the lines "<!-- figures: three -->"/);
});

test('withFigures sums up the figures with an aim, those of other scenarios included', () => {
  const aimed = figureTable([figure({ what: 'a', unit: 's', values: [2], baselines: [4], aim: 1 })]);
  const others = figureTable([
    figure({ what: 'b', unit: 'MiB', values: [80], aim: 75 }),
    figure({ what: 'c', unit: 'MiB', values: [80] }),
  ]);
  const summary = withFigures(withFigures(page, 'one', aimed), 'two', others).split('<!-- end -->')[0];
  expect(summary?.split('\n').filter((line) => line.startsWith('| '))).toEqual([
    '| what | median | ratio to empty Jobs | aim |  |',
    '| a | 2.00 s | 0.50 | ≤ 1 | met |',
    '| b | 80 MiB |  | ≤ 75 MiB | missed |',
  ]);
});

test.each(scenarios.map(({ name }) => [name]))(
  'docs/benchmarks.md has a place for the figures of %s',
  async (name) => {
    const file = await readFile(join(import.meta.dirname, '../docs/benchmarks.md'), 'utf8');
    expect(withFigures(file, name, 'measured')).toContain(
      `<!-- figures: ${name} -->\nmeasured\n<!-- end -->`,
    );
  },
);

test('describeResult says when and on what a scenario was measured', () => {
  const text = describeResult(
    { rounds: 10, figures: [], details: ['more'] },
    { date: '2026-01-02', cores: 2, kubernetes: 'v1.36.3' },
  );
  expect(text).toMatch(/^Measured 2026-01-02, median of 10 rounds, 2 cores, Kubernetes v1\.36\.3\.\n/);
  expect(text).toMatch(/\n\nmore$/);
});
