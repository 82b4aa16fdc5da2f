import { expect, test } from 'vitest';
import { mountsBelow, secretMounts } from './mounts.ts';

const mount = (point: string) => `36 35 98:0 /mnt1 ${point} rw,noatime master:1 - ext3 /dev/root rw`;

test.each([
  ['those below the folder are found, the last one first', ['/a/b', '/a/b/c'], ['/a/b/c', '/a/b']],
  ['one whose name only begins alike is not', ['/ab/c'], []],
  ['the folder itself is not', ['/a'], []],
  ['a space is read as one', ['/a/b\\040c'], ['/a/b c']],
])('%s', (_name, points, found) => {
  expect(mountsBelow('/a', points.map(mount).join('\n'))).toEqual(found);
});

test('Secrets and tokens of pods are found wherever the kubelet has its folder, and nothing else', () => {
  const volumes = '/var/lib/kubelet/pods/1/volumes';
  const secrets = [`${volumes}/kubernetes.io~secret/tls`, `${volumes}/kubernetes.io~projected/token`];
  const others = [`${volumes}/kubernetes.io~empty-dir/memory`, '/run/secrets', '/var/lib/kubelet'];
  expect(secretMounts([...secrets, ...others].map(mount).join('\n')).sort()).toEqual(secrets.sort());
});
