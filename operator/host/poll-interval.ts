/** So long what is waited for may be about to happen. */
const FRESH_MS = 60_000;
const SLOWEST_MS = 30_000;

/**
 * When to look again at something that has waited for so long, in milliseconds: soon at first; what waits for somebody
 * to mend it takes less and less of what others need.
 */
export const lookAgainMs = (ageMs: number, soonMs: number): number =>
  Math.min(SLOWEST_MS, Math.round(soonMs + Math.max(0, ageMs - FRESH_MS) / 10));
