import { expect, test } from 'vitest';
import { mountsBelow, secretMounts } from './mounts.ts';

const mount = (point: string, type = 'ext3') =>
  `36 35 98:0 /mnt1 ${point} rw,noatime master:1 - ${type} /dev/root rw`;

test.each([
  ['those below the folder are found, the last one first', ['/a/b', '/a/b/c'], ['/a/b/c', '/a/b']],
  ['one whose name only begins alike is not', ['/ab/c'], []],
  ['the folder itself is not', ['/a'], []],
  ['a space is read as one', ['/a/b\\040c'], ['/a/b c']],
])('%s', (_name, points, found) => {
  expect(mountsBelow('/a', points.map((point) => mount(point)).join('\n'))).toEqual(found);
});

test('Secrets and tokens of pods are found wherever the kubelet has its folder, and nothing else', () => {
  const volumes = '/var/lib/kubelet/pods/1/volumes';
  const secrets = [`${volumes}/kubernetes.io~secret/tls`, `${volumes}/kubernetes.io~projected/token`];
  const others = [`${volumes}/kubernetes.io~empty-dir/memory`, '/run/secrets', '/var/lib/kubelet'];
  expect(secretMounts([...secrets, ...others].map((point) => mount(point)).join('\n')).sort()).toEqual(
    secrets.sort(),
  );
});

test.each([
  ['a file of a Secret by itself is found', 'volume-subpaths/tls/web/0', 'tmpfs', true],
  [
    'a file of a volume on disk is unmounted as well: it is made anew',
    'volume-subpaths/data/web/0',
    'ext4',
    true,
  ],
  ['what a driver has in memory is found', 'volumes/kubernetes.io~csi/secrets-store/mount', 'tmpfs', true],
  ['a disk of a driver is not', 'volumes/kubernetes.io~csi/pvc-1/mount', 'ext4', false],
])('%s', (_name, path, type, isFound) => {
  const point = `/var/lib/kubelet/pods/1/${path}`;
  expect(secretMounts(mount(point, type))).toEqual(isFound ? [point] : []);
});
