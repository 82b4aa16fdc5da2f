import { expect, test } from 'vitest';
import { describeResult, withFigures } from './document.ts';
import { figure, figureTable, median } from './figures.ts';

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])('the median of %j is %d', (numbers, expected) => {
  expect(median(numbers)).toBe(expected);
});

test('an aim is for the ratio where there is a baseline, else for the value', () => {
  const ratio = figure({ what: 'a', unit: 's', values: [2, 3, 4], baselines: [3, 3, 3], aim: 1 });
  const value = figure({ what: 'b', unit: 'MiB', values: [120], aim: 110 });
  const [, , first, second] = figureTable([ratio, value]).split('\n');
  expect(first).toBe('| a | 3.00 s | 2.00 … 4.00 | 3.00 s | 1.00 | ≤ 1 | met |');
  expect(second).toBe('| b | 120 MiB |  |  |  | ≤ 110 MiB | missed |');
});

test('a page gets the figures of one scenario and keeps everything else', () => {
  const page = 'a\n<!-- figures: one -->\nold\n<!-- end -->\nb\n<!-- figures: two -->\n<!-- end -->\n';
  expect(withFigures(page, 'one', 'new')).toBe(page.replace('old', 'new'));
  expect(withFigures(withFigures(page, 'two', 'x'), 'two', 'y')).toContain('two -->\ny\n<!-- end -->');
  expect(() => withFigures(page, 'three', '')).toThrow(/no place for "three"/);
});

test('a result says when and on what it was measured', () => {
  const text = describeResult(
    { rounds: 10, figures: [], details: ['more'] },
    { date: '2026-01-02', cores: 2, kubernetes: 'v1.36.3' },
  );
  expect(text).toMatch(/^Measured 2026-01-02, median of 10 rounds, 2 cores, Kubernetes v1\.36\.3\.\n/);
  expect(text).toMatch(/\n\nmore$/);
});
