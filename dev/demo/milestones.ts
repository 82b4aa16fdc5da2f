import type { Phase } from '#api/kinds/virtualcluster.ts';

/** The phases of a tenant's way, in order. */
export const MILESTONES = ['Initialized', 'AllNodeReady', 'Completed'] as const satisfies Phase[];
/** Seconds from apply to each of them. */
export type Milestones = Partial<Record<(typeof MILESTONES)[number], number>>;

/** Notes the phase that is seen now: whatever comes before it and was never seen has been passed as well. */
export function pass(milestones: Milestones, phase: Phase | undefined, seconds: number): void {
  const reached = (MILESTONES as readonly (Phase | undefined)[]).indexOf(phase);
  for (const name of MILESTONES.slice(0, reached + 1)) milestones[name] ??= seconds;
}
