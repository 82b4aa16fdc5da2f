import { describe, expect, test } from 'vitest';
import type { Settings } from '../settings.ts';
import { locate as locateSource } from './location.ts';
import { type Source, sourceWord } from './source.ts';
import type { Location } from './table.ts';

const settings: Settings = {
  allowHostPaths: ['/opt/pinion/', '/srv'],
  allowSourceCidrs: [],
  sourceSecureLoose: false,
};
const locate = (source: Source, changes: Partial<Settings> = {}) =>
  locateSource(source, 'spec.path', { ...settings, ...changes });

describe('locate of a pvPath', () => {
  test.each([
    [
      'returns the root of the volume for a path of one segment',
      'plugin-store-ubuntu-statefulset-0:/pv',
      { claim: 'plugin-store-ubuntu-statefulset-0', path: '' },
    ],
    [
      'drops the segment at which a pod mounts the claim',
      'store:/pv/charts/a',
      { claim: 'store', path: 'charts/a' },
    ],
    [
      'resolves a relative path from the root of the volume',
      'store:charts/a',
      { claim: 'store', path: 'charts/a' },
    ],
    ['ignores redundant slashes and dots', 'store://pv/./a//b/', { claim: 'store', path: 'a/b' }],
    ['returns the root of the volume for an empty path', 'store:', { claim: 'store', path: '' }],
  ])('%s', (_what, pvPath, location) => {
    expect(locate({ pvPath })).toEqual({ kind: 'claim', ...location });
  });

  test('without a claim uses the plugin store', () => {
    expect(locate({ pvPath: '/root/a' }, { pluginStoreClaim: 'main' })).toEqual({
      kind: 'claim',
      claim: 'main',
      path: 'a',
    });
    expect(() => locate({ pvPath: '/root/a' })).toThrow(/--plugin-store-claim/);
  });

  test.each([
    ['a .. segment', 'store:/pv/../a', /must not contain "\.\."/],
    ['.. at its end', 'store:..', /must not contain "\.\."/],
    ['an invalid claim name', 'A_b:/pv', /not a valid name of a claim/],
  ])('refuses %s', (_what, pvPath, message) => {
    expect(() => locate({ pvPath })).toThrow(message);
  });
});

describe('locate of a package of the catalogue', () => {
  test('returns the name of the package', () => {
    expect(locate({ uri: 'file:///catalogue/coredns' })).toEqual({ kind: 'catalogue', path: 'coredns' });
  });

  test.each([
    'file:///etc/passwd',
    'file:///catalogue/../etc',
    'file:///catalogue/a/b',
    'file:///catalogue/',
    'file://host/catalogue/a',
    'file:catalogue/a',
  ])('refuses the other file uri %s', (uri) => {
    expect(() => locate({ uri })).toThrow(/must be file:\/\/\/catalogue\/NAME/);
  });
});

describe('locate of a hostPath', () => {
  test.each<[string, Source['hostPath'], Partial<Location>]>([
    ['returns a directory as it is', '/opt/pinion/a/', { directory: '/opt/pinion/a', path: '' }],
    ['returns the directory of a file', '/opt/pinion/a.yaml', { directory: '/opt/pinion', path: 'a.yaml' }],
    ['accepts an allowed prefix itself', '/srv', { directory: '/srv', path: '' }],
    [
      'keeps the node beside the path',
      { path: '/srv/a', nodeName: 'n' },
      { directory: '/srv/a', path: '', nodeName: 'n' } as object,
    ],
  ])('%s', (_what, hostPath, location) => {
    expect(locate({ hostPath })).toMatchObject({ kind: 'host', ...location });
  });

  test.each<[string, Source['hostPath'], RegExp]>([
    ['a path outside the allowed prefixes', '/etc', /--allow-host-path/],
    ['a path that only shares its first letters with a prefix', '/srv-other', /--allow-host-path/],
    ['a path that leaves a prefix with ..', '/srv/../etc', /must not contain/],
    ['a relative path', 'srv', /must be absolute/],
    ['an invalid node name', { path: '/srv', nodeName: 'A/b' }, /not a valid name of a node/],
  ])('refuses %s', (_what, hostPath, message) => {
    expect(() => locate({ hostPath })).toThrow(message);
  });

  test.each([
    ['a file that is a prefix itself', '/etc/motd.yaml', '/etc/motd.yaml', '/etc'],
    ['a file at the top', '/motd.yaml', '/motd.yaml', '/'],
    ['an archive beside an allowed directory', '/opt/web.tgz', '/opt/web', '/opt'],
  ])('refuses %s, because its directory would be mounted', (_what, hostPath, prefix, directory) => {
    expect(() => locate({ hostPath }, { allowHostPaths: [prefix] })).toThrow(
      expect.objectContaining({
        reason: 'HostPathNotAllowed',
        message: expect.stringContaining(
          `is mounted with its directory ${directory}, which is not under an allowed host directory (allowed: ${prefix}); use pvPath or uri, or ask the administrator to allow ${directory} with --allow-host-path`,
        ),
      }),
    );
  });

  test('refuses every path when only / is allowed', () => {
    expect(() => locate({ hostPath: '/etc' }, { allowHostPaths: ['/', '//', '/.'] })).toThrow(
      /--allow-host-path/,
    );
  });
});

describe('locate of a uri', () => {
  test.each([
    ['http://', 'http://h.example/a', /https:\/\//],
    ['another scheme', 'ftp://h.example/a', /must be an https/],
    ['an address with credentials', 'https://a:b@h.example/', /secretRef/],
    ['an address with ..', 'https://h.example/a/../b', /must not contain/],
    ['an address with an encoded ..', 'https://h.example/a/%2E%2e/b', /must not contain/],
    ['an address without a host', 'https://', /must be an https/],
  ])('refuses %s', (_what, uri, message) => {
    expect(() => locate({ uri })).toThrow(message);
  });

  test('refuses credentials without repeating them', () => {
    expect(() => locate({ uri: 'https://a:hunter2@h.example/' })).toThrow(
      expect.objectContaining({
        message: 'spec.path.uri carries credentials; put them in a Secret and name it in secretRef',
      }),
    );
  });

  test('accepts http:// with --source-secure-loose', () => {
    expect(locate({ uri: 'http://h.example/a' }, { sourceSecureLoose: true })).toMatchObject({ kind: 'uri' });
  });

  test('accepts .. in the query', () => {
    expect(locate({ uri: 'https://h.example/a?b=/../c' })).toMatchObject({ kind: 'uri' });
  });
});

test.each<[string, Source, RegExp]>([
  ['no field', {}, /found none/],
  ['two fields', { pvPath: 'a:/pv', uri: 'https://h.example/a' }, /found pvPath and uri/],
])('locate refuses a source with %s', (_what, source, message) => {
  expect(() => locate(source)).toThrow(message);
});

test.each<[string, Parameters<typeof sourceWord>[0], string | undefined]>([
  ['a claim', { pvPath: 'a:/pv' }, 'pvPath'],
  ['a host path', { hostPath: '/opt' }, 'hostPath'],
  ['an address', { uri: 'https://h.example/a' }, 'uri'],
  ['a package of the catalogue', { uri: 'file:///catalogue/coredns' }, 'uri'],
  ['a repository', { repo: 'https://h.example' }, 'repo'],
  ['a registry', { repo: 'oci://h.example/web' }, 'oci'],
  ['an invalid address', { uri: 'nonsense' }, 'uri'],
  ['a source without fields', {}, undefined],
])('sourceWord names the kind of %s', (_what, source, word) => {
  expect(sourceWord(source)).toBe(word);
});
