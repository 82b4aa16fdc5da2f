import type { Phase } from '#api/kinds/virtualcluster.ts';

/** The phases that a tenant passes, in order. */
export const MILESTONES = ['Initialized', 'AllNodeReady', 'Completed'] as const satisfies Phase[];
/** Seconds from apply to each of them. */
export type Milestones = Partial<Record<(typeof MILESTONES)[number], number>>;

/** Notes the time of a phase that was just seen, and of those before it that were never seen. */
export function pass(milestones: Milestones, phase: Phase | undefined, seconds: number): void {
  const reached = (MILESTONES as readonly (Phase | undefined)[]).indexOf(phase);
  for (const name of MILESTONES.slice(0, reached + 1)) milestones[name] ??= seconds;
}
