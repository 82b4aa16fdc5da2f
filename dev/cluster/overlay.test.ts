import { expect, test } from 'vitest';
import { flagPatches, imageFields } from './overlay.ts';

test.each([
  ['with a port', '10.0.0.1:5000/pinion/operator:1', '10.0.0.1:5000/pinion/operator', '1'],
  ['without a port', 'r.example/pinion/operator:a-b', 'r.example/pinion/operator', 'a-b'],
])('imageFields splits an image of a registry %s', (_sentence, image, newName, newTag) => {
  expect(imageFields('operator', image)).toEqual({ name: 'pinion/operator', newName, newTag });
});

test('flagPatches gives the webhook no flag that only the operator knows', () => {
  const patches = flagPatches({ both: ['--a'], operator: ['--b'] });
  expect(patches.map(({ target, patch }) => [target.labelSelector, JSON.parse(patch)[0].value])).toEqual([
    ['app.kubernetes.io/name=pinion', '--a'],
    ['app.kubernetes.io/name=pinion,app.kubernetes.io/component=operator', '--b'],
  ]);
});

test('flagPatches writes no patch without flags', () => {
  expect(flagPatches({ both: [], operator: [] })).toEqual([]);
});
