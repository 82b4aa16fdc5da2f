/** For this long the awaited change is likely to happen soon. */
const FRESH_MS = 60_000;
const SLOWEST_MS = 30_000;

/**
 * Milliseconds until the next poll of something that has been stuck for `ageMs`: `soonMs` at first, then less often the
 * longer it has been stuck, so that it doesn't starve others.
 */
export const pollInterval = (ageMs: number, soonMs: number): number =>
  Math.min(SLOWEST_MS, Math.round(soonMs + Math.max(0, ageMs - FRESH_MS) / 10));
