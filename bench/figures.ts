/** One figure of a benchmark: the median of its rounds, and its aim. */
export type Figure = {
  what: string;
  unit: 's' | 'ms' | 'MiB' | 'requests';
  value: number;
  /** Smallest and largest of the rounds. */
  range?: [number, number];
  /** Median of the same number of empty Jobs in the same rounds; the aim is then for the ratio. */
  baseline?: number;
  /** The largest value, or ratio, that meets the aim. */
  aim?: number;
};

/** The result of a scenario; `details` are paragraphs and tables of Markdown. */
export type Result = { rounds: number; figures: Figure[]; details: string[] };

/** Median of the numbers; NaN of none. */
export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};

/** The median of each entry over the rounds; one that a round lacks counts as 0. */
export function medians(rounds: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(rounds.flatMap((round) => Object.keys(round)));
  return Object.fromEntries(
    [...names].map((name) => [name, median(rounds.map((round) => round[name] ?? 0))]),
  );
}

/** A figure from the values of its rounds. */
export const figure = ({
  values,
  baselines,
  ...rest
}: Pick<Figure, 'what' | 'unit' | 'aim'> & {
  values: readonly number[];
  baselines?: readonly number[];
}): Figure => {
  return {
    ...rest,
    value: median(values),
    ...(values.length > 1 ? { range: [Math.min(...values), Math.max(...values)] as [number, number] } : {}),
    ...(baselines ? { baseline: median(baselines) } : {}),
  };
};

const DIGITS = { s: 2, ms: 1, MiB: 0, requests: 1 } as const;

/** Head of a table of figures; docs/benchmarks.md's summary reads its columns. */
export const FIGURE_HEAD = ['what', 'median', 'rounds', 'empty Jobs', 'ratio', 'aim', ''] as const;

/** The figures as a table of Markdown. */
export const figureTable = (figures: readonly Figure[]): string =>
  markdownTable(FIGURE_HEAD, figures.map(figureRow));

function figureRow({ what, unit, value, range, baseline, aim }: Figure): string[] {
  const number = (measured: number) => measured.toFixed(DIGITS[unit]);
  const ratio = baseline === undefined ? undefined : value / baseline;
  return [
    what,
    `${number(value)} ${unit}`,
    range?.map(number).join(' … ') ?? '',
    baseline === undefined ? '' : `${number(baseline)} ${unit}`,
    ratio?.toFixed(2) ?? '',
    ...(aim === undefined ? ['', ''] : aimCells(aim, ratio ?? value, ratio === undefined ? unit : '')),
  ];
}

const aimCells = (aim: number, measured: number, unit: string): string[] => [
  `≤ ${aim} ${unit}`.trimEnd(),
  measured <= aim ? 'met' : 'missed',
];

/** Seconds of parts with their share of all, in the given order. */
export function shareTable(head: string, parts: readonly (readonly [string, number])[]): string {
  const all = parts.reduce((sum, [, seconds]) => sum + seconds, 0);
  const row = ([part, seconds]: readonly [string, number]) => [
    part,
    seconds.toFixed(2),
    `${Math.round((seconds / all) * 100)} %`,
  ];
  return markdownTable([head, 'seconds', 'share'], [...parts, ['all', all] as const].map(row));
}

/** A table of Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
