import { expect, test } from 'vitest';
import { mountsBelow } from './down.ts';

test('mountsBelow names mounts below the folder, deepest first, and no others', () => {
  const mounts = [
    'proc /proc proc rw 0 0',
    '/dev/vda /a\\040b/.local/containers ext4 rw 0 0',
    'overlay /a\\040b/.local/containers/merged overlay rw 0 0',
    'overlay /a\\040b/.local2/merged overlay rw 0 0',
    '',
  ].join('\n');
  expect(mountsBelow('/a b/.local', mounts)).toEqual([
    '/a b/.local/containers/merged',
    '/a b/.local/containers',
  ]);
});
