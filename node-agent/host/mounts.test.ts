import { expect, test } from 'vitest';
import { mountsBelow } from './mounts.ts';

const mount = (point: string) => `36 35 98:0 /mnt1 ${point} rw,noatime master:1 - ext3 /dev/root rw`;

test.each([
  ['those below the folder are found, the last one first', ['/a/b', '/a/b/c'], ['/a/b/c', '/a/b']],
  ['one whose name only begins alike is not', ['/ab/c'], []],
  ['the folder itself is not', ['/a'], []],
  ['a space is read as one', ['/a/b\\040c'], ['/a/b c']],
])('%s', (_name, points, found) => {
  expect(mountsBelow('/a', points.map(mount).join('\n'))).toEqual(found);
});
