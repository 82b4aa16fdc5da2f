import { expect, test } from 'vitest';
import { flagPatches, imageFields } from './overlay.ts';

test.each([
  ['a registry with a port', '10.0.0.1:5000/pinion/operator:1', '10.0.0.1:5000/pinion/operator', '1'],
  ['a registry without one', 'r.example/pinion/operator:a-b', 'r.example/pinion/operator', 'a-b'],
])('%s', (_sentence, image, newName, newTag) => {
  expect(imageFields('operator', image)).toEqual({ name: 'pinion/operator', newName, newTag });
});

test('the webhook gets no flag that only the operator knows', () => {
  const patches = flagPatches({ both: ['--a'], operator: ['--b'] });
  expect(patches.map(({ target, patch }) => [target.labelSelector, JSON.parse(patch)[0].value])).toEqual([
    ['app.kubernetes.io/name=pinion', '--a'],
    ['app.kubernetes.io/name=pinion,app.kubernetes.io/component=operator', '--b'],
  ]);
});

test('no flags, no patch', () => {
  expect(flagPatches({ both: [], operator: [] })).toEqual([]);
});
