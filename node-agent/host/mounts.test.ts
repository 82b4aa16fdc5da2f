import { expect, test } from 'vitest';
import { mountsBelow, secretMounts } from './mounts.ts';

const mount = (point: string, type = 'ext3') =>
  `36 35 98:0 /mnt1 ${point} rw,noatime master:1 - ${type} /dev/root rw`;

test.each([
  ['finds mounts below the folder, the last one first', ['/a/b', '/a/b/c'], ['/a/b/c', '/a/b']],
  ['ignores a folder whose name only begins the same way', ['/ab/c'], []],
  ['ignores the folder itself', ['/a'], []],
  ['unescapes a space', ['/a/b\\040c'], ['/a/b c']],
])('mountsBelow %s', (_sentence, points, expected) => {
  expect(mountsBelow('/a', points.map((point) => mount(point)).join('\n'))).toEqual(expected);
});

test('secretMounts finds Secrets and tokens of pods in every kubelet’s folder, and nothing else', () => {
  const volumes = '/var/lib/kubelet/pods/1/volumes';
  const secrets = [`${volumes}/kubernetes.io~secret/tls`, `${volumes}/kubernetes.io~projected/token`];
  const others = [`${volumes}/kubernetes.io~empty-dir/memory`, '/run/secrets', '/var/lib/kubelet'];
  expect(secretMounts([...secrets, ...others].map((point) => mount(point)).join('\n')).sort()).toEqual(
    secrets.sort(),
  );
});

test.each([
  ['finds a single file of a Secret', 'volume-subpaths/tls/web/0', 'tmpfs', true],
  [
    'finds a single file of a volume on disk, which the kubelet recreates',
    'volume-subpaths/data/web/0',
    'ext4',
    true,
  ],
  [
    'finds a volume that a CSI driver holds in memory',
    'volumes/kubernetes.io~csi/secrets-store/mount',
    'tmpfs',
    true,
  ],
  ['ignores a disk of a CSI driver', 'volumes/kubernetes.io~csi/pvc-1/mount', 'ext4', false],
])('secretMounts %s', (_sentence, path, type, isFound) => {
  const point = `/var/lib/kubelet/pods/1/${path}`;
  expect(secretMounts(mount(point, type))).toEqual(isFound ? [point] : []);
});
