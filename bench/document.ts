import { FIGURE_HEAD, figureTable, markdownTable, type Result } from './figures.ts';

/** When and on what it was measured. */
export type Surroundings = { date: string; cores: number; kubernetes: string };

/** A scenario's result as the page and the terminal show it. */
export function describeResult(result: Result, { date, cores, kubernetes }: Surroundings): string {
  const rounds = result.rounds === 1 ? '1 round' : `median of ${result.rounds} rounds`;
  return [
    `Measured ${date}, ${rounds}, ${cores} cores, Kubernetes ${kubernetes}.`,
    figureTable(result.figures),
    ...result.details,
  ].join('\n\n');
}

const END = '<!-- end -->';
const SUMMARY = '<!-- summary -->';

/**
 * The page with the text of one scenario put between its marks `<!-- figures: NAME -->` and `<!-- end -->`, and its
 * summary between `<!-- summary -->` and `<!-- end -->` made of all figures that have an aim.
 * @throws when the page has no such marks
 */
export function withFigures(page: string, scenario: string, text: string): string {
  const changed = between(page, `<!-- figures: ${scenario} -->`, text);
  return between(changed, SUMMARY, summaryOf(changed));
}

function between(page: string, begin: string, text: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(END, from);
  if (from < 0 || to < 0) {
    throw new Error(`docs/benchmarks.md has no place for a result: add the lines "${begin}" and "${END}"`);
  }
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}

const SUMMARY_HEAD = ['what', 'median', 'ratio to empty Jobs', 'aim', ''];

/** A table of the figures with an aim, read from the page, so that it holds those that were not measured again, too. */
function summaryOf(page: string): string {
  const rows = page.slice(page.indexOf(END)).split('\n').flatMap(summaryRow);
  return markdownTable(SUMMARY_HEAD, rows);
}

function summaryRow(line: string): string[][] {
  const cells = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  const [what = '', value = '', , , ratio = '', aim = '', verdict = ''] = cells;
  return cells.length === FIGURE_HEAD.length && aim.startsWith('≤')
    ? [[what, value, ratio, aim, verdict]]
    : [];
}
