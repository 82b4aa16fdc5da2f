import { figureTable, type Result } from './figures.ts';

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

/**
 * The page with the text of one scenario put between its marks `<!-- figures: NAME -->` and `<!-- end -->`.
 * @throws when the page has no such marks
 */
export function withFigures(page: string, scenario: string, text: string): string {
  const begin = `<!-- figures: ${scenario} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) {
    throw new Error(`the page has no place for "${scenario}"; add the lines "${begin}" and "<!-- end -->"`);
  }
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}
