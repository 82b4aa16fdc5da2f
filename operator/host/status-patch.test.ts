import { expect, test } from 'vitest';
import { isSameStatus, statusPatch } from './status-patch.ts';

type Status = {
  phase?: string;
  record?: { kind?: string; at?: { place: string; since?: number } };
  list?: unknown[];
};
const of = (status?: Status) => ({
  metadata: { namespace: 'demo', name: 'vc', uid: 'uid', resourceVersion: '7' },
  status,
});

test.each<[string, Status | undefined, Status, object]>([
  ['a first status as it is', undefined, { phase: 'Pending' }, { phase: 'Pending' }],
  ['a field that is gone as null', { phase: 'Pending', list: [] }, { list: [] }, { phase: null, list: [] }],
  [
    'fields that are gone at any depth as null',
    { record: { kind: 'yaml', at: { place: 'a', since: 1 } } },
    { record: { at: { place: 'b' } } },
    { record: { kind: null, at: { place: 'b', since: null } } },
  ],
  ['a list as a whole', { list: [{ a: 1, b: 2 }] }, { list: [{ a: 1 }] }, { list: [{ a: 1 }] }],
  [
    'an object where there was none',
    { phase: 'Pending' },
    { phase: 'Pending', record: {} },
    { phase: 'Pending', record: {} },
  ],
])('statusPatch gives %s', (_what, before, after, status) => {
  expect(statusPatch(of(before), after)).toEqual({ metadata: { resourceVersion: '7' }, status });
});

test('isSameStatus knows no order of fields, and takes none for an empty one', () => {
  expect(isSameStatus<Status>({ phase: 'a', list: [] }, { list: [], phase: 'a' })).toBe(true);
  expect(isSameStatus<Status>(undefined, {})).toBe(true);
  expect(isSameStatus<Status>({ phase: 'a' }, {})).toBe(false);
});
