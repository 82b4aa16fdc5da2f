import { describe, expect, test } from 'vitest';
import { findCondition, isTrue, setCondition } from './conditions.ts';

const BEFORE = '2026-01-01T00:00:00.000Z';
const NOW = Date.parse('2026-01-01T00:05:00Z');
const NOW_TEXT = '2026-01-01T00:05:00.000Z';

type Condition = {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime: string;
};
const condition = (type: string, status: string): Condition => ({ type, status, lastTransitionTime: BEFORE });
const withConditions = (...conditions: Condition[]) => ({ status: { conditions } });

describe('isTrue', () => {
  test.for([
    ['holds for a condition with status True', withConditions(condition('Ready', 'True')), true],
    ['does not hold for status False', withConditions(condition('Ready', 'False')), false],
    ['does not hold for status Unknown', withConditions(condition('Ready', 'Unknown')), false],
    ['does not hold for a condition of another type', withConditions(condition('Stalled', 'True')), false],
    ['does not hold without conditions', { status: {} }, false],
    ['does not hold without a status', {}, false],
    ['does not hold without an object', undefined, false],
  ] as const)('%s', ([, object, expected]) => {
    expect(isTrue(object, 'Ready')).toBe(expected);
  });
});

test('findCondition returns the condition of the type', () => {
  const ready = condition('Ready', 'False');
  expect(findCondition(withConditions(condition('Stalled', 'True'), ready), 'Ready')).toBe(ready);
});

describe('setCondition', () => {
  const stalled = condition('Stalled', 'False');

  test('keeps lastTransitionTime while the status stays, and takes the new reason and message', () => {
    const change = { type: 'Ready', status: 'True', reason: 'New', message: 'new' };
    const [ready] = setCondition([{ ...condition('Ready', 'True'), reason: 'Old' }], change, NOW);
    expect(ready).toEqual({ ...change, lastTransitionTime: BEFORE });
  });

  test('sets lastTransitionTime when the status changes', () => {
    const [ready] = setCondition([condition('Ready', 'False')], { type: 'Ready', status: 'True' }, NOW);
    expect(ready).toEqual({ type: 'Ready', status: 'True', lastTransitionTime: NOW_TEXT });
  });

  test('replaces a condition at its place and leaves the others as they are', () => {
    const set = setCondition([condition('Ready', 'True'), stalled], { type: 'Ready', status: 'False' }, NOW);
    expect(set.map(({ type }) => type)).toEqual(['Ready', 'Stalled']);
    expect(set[1]).toEqual(stalled);
  });

  test('starts a list where there is none', () => {
    const set = setCondition<Condition>(undefined, { type: 'Ready', status: 'True' }, NOW);
    expect(set).toEqual([{ type: 'Ready', status: 'True', lastTransitionTime: NOW_TEXT }]);
  });

  test('appends a condition that was not there', () => {
    const set = setCondition([stalled], { type: 'Ready', status: 'True' }, NOW);
    expect(set).toEqual([stalled, { type: 'Ready', status: 'True', lastTransitionTime: NOW_TEXT }]);
  });
});
