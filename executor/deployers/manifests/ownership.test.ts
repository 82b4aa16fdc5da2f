import { expect, test } from 'vitest';
import { dropped, keyOf, merge, readEntries } from './inventory-entry.ts';
import { describeLeft, leftSentence } from './left.ts';
import { conflictsOf, handedOver, hasApplied } from './ownership.ts';

const cause = (message: string, field: string, reason = 'FieldManagerConflict') => ({
  reason,
  message,
  field,
});

test.for([
  [
    'an apply of another manager',
    409,
    [cause('conflict with "pinion/a/b" using v1', '.data.x')],
    [{ manager: 'pinion/a/b', field: '.data.x' }],
  ],
  [
    'an update, with its time',
    409,
    [cause('conflict with "kubectl-edit" using v1 at 2026-01-01T00:00:00Z', '.spec.replicas')],
    [{ manager: 'kubectl-edit', field: '.spec.replicas' }],
  ],
  [
    'a subresource',
    409,
    [cause('conflict with "x" with subresource "scale" using apps/v1', '.spec.replicas')],
    [{ manager: 'x', field: '.spec.replicas' }],
  ],
  ['another conflict', 409, [cause('modified', '.metadata', 'Conflict')], []],
  ['no conflict', 422, [cause('conflict with "x"', '.a')], []],
] as const)('conflictsOf reads %s', ([, code, causes, conflicts]) => {
  expect(conflictsOf({ code, body: { details: { causes } } })).toEqual(conflicts);
});

test('conflictsOf reads an answer without details', () => {
  expect(conflictsOf({ code: 409, body: { message: 'object has been modified' } })).toEqual([]);
});

const entry = (manager: string, operation = 'Apply', more: object = {}) => ({ manager, operation, ...more });

test('handedOver puts what a former manager applied in the place of the own, and leaves all others', () => {
  const others = [
    entry('pinion', 'Update'),
    entry('helm'),
    entry('pinion', 'Apply', { subresource: 'status' }),
  ];
  const before = [...others, entry('pinion', 'Apply', { fieldsV1: { a: {} } }), entry('pinion/a/b')];
  expect(handedOver(before, ['pinion'], 'pinion/a/b')).toEqual([
    ...others,
    entry('pinion/a/b', 'Apply', { fieldsV1: { a: {} } }),
  ]);
  expect(handedOver(others, ['pinion'], 'pinion/a/b')).toEqual(others);
  expect(hasApplied(others, ['pinion'])).toBe(false);
});

const object = (apiVersion: string, kind: string, namespace: string, name: string) => ({
  apiVersion,
  kind,
  namespace,
  name,
});

test('an object keeps its place in the inventory when the version of its API changes', () => {
  const before = [
    object('autoscaling/v1', 'HorizontalPodAutoscaler', 'a', 'x'),
    object('v1', 'Service', 'a', 'x'),
  ];
  const now = [{ ...object('autoscaling/v2', 'HorizontalPodAutoscaler', 'a', 'x'), uid: 'u' }];
  expect(merge(before, now)).toEqual([now[0], before[1]]);
  expect(dropped(before, now)).toEqual([before[1]]);
});

test('kinds of the same name in two groups are two objects', () => {
  const keys = ['v1', 'example.com/v1'].map((apiVersion) => keyOf(object(apiVersion, 'Service', 'a', 'x')));
  expect(new Set(keys).size).toBe(2);
});

test.for(['no json', '{}', 'null', undefined])(
  'an inventory that was edited into %s is read as empty',
  (text) => {
    expect(readEntries({ data: text === undefined ? undefined : { 'objects.json': text } })).toEqual([]);
  },
);

test('what is left is counted in full and named within its limit', () => {
  expect(describeLeft([])).toBeUndefined();
  const many = Array.from({ length: 100 }, (_, i) => object('v1', 'ConfigMap', 'apps', `settings-${i}`));
  const left = describeLeft(many);
  expect(left?.count).toBe(100);
  expect(left?.objects.join().length).toBeLessThan(300);
  expect(leftSentence(left)).toMatch(/^; 100 objects of earlier versions .* and \d+ more$/);
  const one = describeLeft([object('v1', 'Namespace', '', 'apps')]);
  expect(leftSentence(one)).toBe('; 1 object of an earlier version is still in the target: Namespace apps');
});
