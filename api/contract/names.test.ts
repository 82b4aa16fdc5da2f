import { describe, expect, test } from 'vitest';
import { installationName } from './names.ts';

/** RFC 1123, as the API server checks the names of custom resources. */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const LABELS = ['a', 'b', 'a-b', '0', 'x'.repeat(63)];
/** Names of up to three labels, and the longest that there are. */
const names = [
  ...LABELS.flatMap((a) => [
    a,
    ...LABELS.flatMap((b) => [`${a}.${b}`, ...LABELS.map((c) => `${a}.${b}.${c}`)]),
  ]),
  'p'.repeat(253),
  `${'p'.repeat(252)}q`,
  `${'p'.repeat(236)}-${'q'.repeat(16)}`,
];
const clusters = names.filter((name) => name.length <= 63);
const pairs = clusters.flatMap((cluster) => names.map((plugin) => [cluster, plugin] as const));

describe('installationName', () => {
  test.for([
    ['vc', 'web', 'vc.web'],
    ['vc', 'web.example', 'vc.web.example'],
  ] as const)('of cluster %s and plugin %s is %s', ([cluster, plugin, name]) => {
    expect(installationName(cluster, plugin)).toBe(name);
  });

  test('tells a dot in the name of the cluster from one in the name of the plugin', () => {
    expect(installationName('a.b', 'c')).toMatch(/^a\.b\.c-[0-9a-f]{10}$/);
    expect(installationName('a', 'b.c')).toBe('a.b.c');
  });

  test('is different for all pairs', () => {
    expect(new Set(pairs.map(([cluster, plugin]) => installationName(cluster, plugin))).size).toBe(
      pairs.length,
    );
  });

  test('is a valid name of at most 253 characters for all pairs', () => {
    for (const [cluster, plugin] of pairs) {
      const name = installationName(cluster, plugin);
      expect(name).toMatch(SUBDOMAIN);
      expect(name.length).toBeLessThanOrEqual(253);
    }
  });
});
