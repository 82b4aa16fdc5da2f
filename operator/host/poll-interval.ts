/** Until then the awaited change may be about to happen. */
const FRESH_MS = 60_000;
const SLOWEST_MS = 30_000;

/**
 * The time until the next poll of something that has been waiting, both in milliseconds: short at first, then longer the
 * longer it has been stuck, so that it doesn't starve others.
 */
export const lookAgainMs = (ageMs: number, soonMs: number): number =>
  Math.min(SLOWEST_MS, Math.round(soonMs + Math.max(0, ageMs - FRESH_MS) / 10));
