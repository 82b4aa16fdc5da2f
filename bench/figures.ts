/** One figure of a benchmark: the median of its rounds, and what it should be. */
export type Figure = {
  what: string;
  unit: 's' | 'ms' | 'MiB';
  value: number;
  /** Smallest and largest of the rounds. */
  range?: [number, number];
  /** Median of the same number of empty Jobs in the same rounds; the aim is then for the ratio. */
  baseline?: number;
  /** The most that it should be. */
  aim?: number;
};

/** What a scenario found; `details` are paragraphs and tables of Markdown. */
export type Result = { rounds: number; figures: Figure[]; details: string[] };

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
  return Object.fromEntries([...names].map((name) => [name, median(rounds.map((one) => one[name] ?? 0))]));
}

/** A figure from the values of its rounds. */
export const figure = (
  of: Pick<Figure, 'what' | 'unit' | 'aim'> & { values: readonly number[]; baselines?: readonly number[] },
): Figure => {
  const { values, baselines, ...rest } = of;
  return {
    ...rest,
    value: median(values),
    ...(values.length > 1 ? { range: [Math.min(...values), Math.max(...values)] as [number, number] } : {}),
    ...(baselines ? { baseline: median(baselines) } : {}),
  };
};

const digits = ({ unit }: Figure) => (unit === 's' ? 2 : unit === 'ms' ? 1 : 0);

/** The figures as a table of Markdown. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((one) => {
    const number = (value: number | undefined) =>
      value === undefined ? '' : `${value.toFixed(digits(one))} ${one.unit}`;
    const ratio = one.baseline === undefined ? undefined : one.value / one.baseline;
    const judged = ratio ?? one.value;
    const range = one.range?.map((value) => value.toFixed(digits(one))).join(' … ') ?? '';
    const aim =
      one.aim === undefined ? '' : ratio === undefined ? `≤ ${one.aim} ${one.unit}` : `≤ ${one.aim}`;
    const verdict = one.aim === undefined ? '' : judged <= one.aim ? 'met' : 'missed';
    return [one.what, number(one.value), range, number(one.baseline), ratio?.toFixed(2) ?? '', aim, verdict];
  });
  return markdownTable(['what', 'median', 'rounds', 'empty Jobs', 'ratio', 'aim', ''], rows);
}

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

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
