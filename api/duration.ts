/** Durations as Go and Kubernetes write them: `90s`, `10m`, `1h30m`. */
export const DURATION_PATTERN = '^([0-9]+(ms|s|m|h))+$';

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration that matches DURATION_PATTERN. Throws a RangeError on any other text. */
export function parseDuration(text: string): number {
  if (!new RegExp(DURATION_PATTERN).test(text)) {
    throw new RangeError(`"${text}" is not a duration; write one like 90s, 10m or 1h30m`);
  }
  let total = 0;
  for (const [, count, unit] of text.matchAll(/([0-9]+)(ms|s|m|h)/g)) {
    total += Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  }
  return total;
}
