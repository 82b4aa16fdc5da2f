import { expect, test } from 'vitest';
import { tooLong } from './check-lengths.ts';

const lines = (count: number) => 'a\n'.repeat(count);

test.each([
  ['operator/a.ts', 200, undefined],
  ['operator/a.ts', 201, 'operator/a.ts: 201 lines, at most 200; split it by subject'],
  ['test/kubectl.ts', 300, 'test/kubectl.ts: 300 lines, at most 200; split it by subject'],
  ['api/kinds/virtualcluster.ts', 400, undefined],
  ['operator/a.test.ts', 400, undefined],
])('tooLong of %s with %i lines is %s', (file, count, expected) => {
  expect(tooLong(file, lines(count))).toBe(expected);
});
