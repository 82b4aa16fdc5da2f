import { expect, test } from 'vitest';
import { imageFields } from './overlay.ts';

test.each([
  ['a registry with a port', '10.0.0.1:5000/pinion/operator:1', '10.0.0.1:5000/pinion/operator', '1'],
  ['a registry without one', 'r.example/pinion/operator:a-b', 'r.example/pinion/operator', 'a-b'],
])('%s', (_sentence, image, newName, newTag) => {
  expect(imageFields('operator', image)).toEqual({ name: 'pinion/operator', newName, newTag });
});
