import { describe, expect, test } from 'vitest';
import type { Settings } from '../settings.ts';
import { type Location, locateSources } from './location.ts';
import type { Source } from './source.ts';

const settings: Settings = {
  allowHostPaths: ['/opt/pinion/', '/srv'],
  allowSourceCidrs: [],
  sourceSecureLoose: false,
};
const locate = (path: Source, changes: Partial<Settings> = {}) =>
  locateSources({ pluginSources: { yaml: { path } } }, { ...settings, ...changes })[0]?.location;

describe('a claim path', () => {
  test.each([
    [
      'is the root of the volume when it is one segment',
      'plugin-store-ubuntu-statefulset-0:/pv',
      { claim: 'plugin-store-ubuntu-statefulset-0', path: '' },
    ],
    [
      'loses the segment at which a pod mounts the claim',
      'store:/pv/charts/a',
      { claim: 'store', path: 'charts/a' },
    ],
    ['is inside the volume when it is relative', 'store:charts/a', { claim: 'store', path: 'charts/a' }],
    ['may have slashes and dots too many', 'store://pv/./a//b/', { claim: 'store', path: 'a/b' }],
    ['is all of the volume when it is empty', 'store:', { claim: 'store', path: '' }],
  ])('%s', (_what, pvPath, location) => {
    expect(locate({ pvPath })).toEqual({ kind: 'claim', ...location });
  });

  test('without a claim is in the plugin store, read the same way', () => {
    expect(locate({ pvPath: '/root/a' }, { pluginStoreClaim: 'main' })).toEqual({
      kind: 'claim',
      claim: 'main',
      path: 'a',
    });
    expect(() => locate({ pvPath: '/root/a' })).toThrow(/--plugin-store-claim/);
  });

  test.each([
    ['..', 'store:/pv/../a', /must not contain "\.\."/],
    ['.. at its end', 'store:..', /must not contain "\.\."/],
    ['the name of no claim', 'A_b:/pv', /can't be the name of a claim/],
  ])('with %s is refused', (_what, pvPath, message) => {
    expect(() => locate({ pvPath })).toThrow(message);
  });
});

describe('a package of the catalogue', () => {
  test('is found by its name', () => {
    expect(locate({ uri: 'file:///catalogue/coredns' })).toEqual({ kind: 'catalogue', path: 'coredns' });
  });

  test.each([
    'file:///etc/passwd',
    'file:///catalogue/../etc',
    'file:///catalogue/a/b',
    'file:///catalogue/',
    'file://host/catalogue/a',
    'file:catalogue/a',
  ])('is the only file that is a source: %s is refused', (uri) => {
    expect(() => locate({ uri })).toThrow(/must be file:\/\/\/catalogue\/NAME/);
  });
});

describe('a host path', () => {
  test.each<[string, Source['hostPath'], Partial<Location>]>([
    ['of a directory is that directory', '/opt/pinion/a/', { directory: '/opt/pinion/a', path: '' }],
    [
      'of a file is the directory that holds it',
      '/opt/pinion/a.yaml',
      { directory: '/opt/pinion', path: 'a.yaml' },
    ],
    ['may be an allowed prefix itself', '/srv', { directory: '/srv', path: '' }],
    [
      'has its node beside it',
      { path: '/srv/a', nodeName: 'n' },
      { directory: '/srv/a', path: '', nodeName: 'n' } as object,
    ],
  ])('%s', (_what, hostPath, location) => {
    expect(locate({ hostPath })).toMatchObject({ kind: 'host', ...location });
  });

  test.each([
    ['outside of the allowed prefixes', '/etc', /--allow-host-path/],
    ['that only begins like an allowed one', '/srv-other', /--allow-host-path/],
    ['that climbs out of an allowed one', '/srv/../etc', /must not contain/],
    ['that is relative', 'srv', /must be absolute/],
  ])('%s is refused', (_what, hostPath, message) => {
    expect(() => locate({ hostPath })).toThrow(message);
  });

  test.each([
    ['a file that is a prefix itself', '/etc/motd.yaml', '/etc/motd.yaml', '/etc'],
    ['a file at the top', '/motd.yaml', '/motd.yaml', '/'],
    ['an archive beside an allowed directory', '/opt/web.tgz', '/opt/web', '/opt'],
  ])('of %s is refused, since its directory is what is mounted', (_what, hostPath, prefix, directory) => {
    expect(() => locate({ hostPath }, { allowHostPaths: [prefix] })).toThrow(
      expect.objectContaining({
        reason: 'HostPathNotAllowed',
        message: expect.stringContaining(
          `is mounted with its directory ${directory}, which is not under a host directory that the administrator allows (${prefix}); use pvPath or uri, or ask for ${directory} to be allowed with --allow-host-path`,
        ),
      }),
    );
  });

  test('is never allowed by the prefix /', () => {
    expect(() => locate({ hostPath: '/etc' }, { allowHostPaths: ['/', '//', '/.'] })).toThrow(
      /--allow-host-path/,
    );
  });
});

describe('a uri', () => {
  test.each([
    ['http://', 'http://h.example/a', /https:\/\//],
    ['another scheme', 'ftp://h.example/a', /must be an https/],
    ['credentials', 'https://a:b@h.example/', /secretRef/],
    ['..', 'https://h.example/a/../b', /must not contain/],
    ['an encoded ..', 'https://h.example/a/%2E%2e/b', /must not contain/],
    ['no host', 'https://', /must be an https/],
  ])('with %s is refused', (_what, uri, message) => {
    expect(() => locate({ uri })).toThrow(message);
  });

  test('with credentials is refused without repeating them', () => {
    expect(() => locate({ uri: 'https://a:hunter2@h.example/' })).not.toThrow(/hunter2/);
  });

  test('may be http:// where the administrator says so', () => {
    expect(locate({ uri: 'http://h.example/a' }, { sourceSecureLoose: true })).toMatchObject({ kind: 'uri' });
  });

  test('may have .. in its query, which is no path', () => {
    expect(locate({ uri: 'https://h.example/a?b=/../c' })).toMatchObject({ kind: 'uri' });
  });
});
