import { expect, test } from 'vitest';
import type { Phase } from '#api/kinds/virtualcluster.ts';
import { type Milestones, pass } from './milestones.ts';

function passed(...seen: [Phase | undefined, number][]): Milestones {
  const milestones: Milestones = {};
  for (const [phase, seconds] of seen) pass(milestones, phase, seconds);
  return milestones;
}

test('pass notes the time at which each phase was first seen', () => {
  expect(
    passed([undefined, 0], ['Preparing', 1], ['Initialized', 9], ['Initialized', 12], ['AllNodeReady', 20]),
  ).toEqual({ Initialized: 9, AllNodeReady: 20 });
});

test('pass gives a phase that was skipped the time of the next phase', () => {
  expect(passed(['Preparing', 1], ['Completed', 30])).toEqual({
    Initialized: 30,
    AllNodeReady: 30,
    Completed: 30,
  });
});

test('pass notes nothing for a phase that is not a milestone', () => {
  expect(passed(['Pending', 1], ['Failed', 2])).toEqual({});
});
