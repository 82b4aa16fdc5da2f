import { expect, test } from 'vitest';
import type { Phase } from '#api/kinds/virtualcluster.ts';
import { type Milestones, pass } from './milestones.ts';

function passed(...seen: [Phase | undefined, number][]): Milestones {
  const milestones: Milestones = {};
  for (const [phase, seconds] of seen) pass(milestones, phase, seconds);
  return milestones;
}

test('each phase has the time at which it was first seen', () => {
  expect(
    passed([undefined, 0], ['Preparing', 1], ['Initialized', 9], ['Initialized', 12], ['AllNodeReady', 20]),
  ).toEqual({ Initialized: 9, AllNodeReady: 20 });
});

test('a phase that went by between two looks has the time of the next one', () => {
  expect(passed(['Preparing', 1], ['Completed', 30])).toEqual({
    Initialized: 30,
    AllNodeReady: 30,
    Completed: 30,
  });
});

test('a phase that is not on the way tells nothing', () => {
  expect(passed(['Pending', 1], ['Failed', 2])).toEqual({});
});
