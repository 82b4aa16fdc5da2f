import { describe, expect, test } from 'vitest';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';
import { holdInput, sibling } from '#test/builders/hold-input.ts';
import { plugin } from '#test/observed.ts';
import type { Leftover, Sibling } from './hold-input.ts';
import { releaseNameTaken } from './hold-release-name.ts';

const CHART = { pluginSources: { chart: { storage: { uri: 'oci://charts.example/x' } } } };

const observed = (
  name: string,
  spec: Partial<VirtualClusterPluginSpec> = {},
  over: Partial<Sibling> = {},
): Sibling => sibling(plugin({ ...CHART, ...spec }, { name }), over);

const shared = { releaseName: 'ingress' };
const installedAs = (release: string): Partial<Sibling> => ({
  status: { phase: 'Installed', installed: { kind: 'chart', release, digest: 'digest-0' } },
});
const started = { hasStarted: true };
const unresolved = (other: Partial<Sibling>): Partial<Sibling> => ({
  status: { ...other.status, phase: 'Pending', reason: 'SecretNotFound' },
});

const rows: [when: string, siblings: Sibling[], held: string[]][] = [
  ['their releases have different names', [observed('a'), observed('b')], []],
  [
    'the releases of one name are in different namespaces',
    [observed('a', shared), observed('b', { ...shared, targetNamespace: 'edge' })],
    [],
  ],
  [
    'two give the same name and the first by name has it',
    [observed('b', shared), observed('a', shared), observed('c')],
    ['b'],
  ],
  [
    'one gives the name of another, which gives none',
    [observed('ingress'), observed('web', shared)],
    ['web'],
  ],
  [
    'one leaves out the namespace that the other gives',
    [observed('a', shared), observed('b', { ...shared, targetNamespace: 'kube-system' })],
    ['b'],
  ],
  [
    'the second by name has installed it',
    [observed('a', shared), observed('b', shared, installedAs('ingress'))],
    ['a'],
  ],
  [
    'the second by name has another release installed and no better right',
    [observed('a', shared), observed('b', shared, installedAs('old'))],
    ['b'],
  ],
  ['the second by name is being installed', [observed('a', shared), observed('b', shared, started)], ['a']],
  [
    'the second by name has a Job that never ran and no better right',
    [observed('a', shared), observed('b', shared, { hasStarted: false })],
    ['b'],
  ],
  [
    'one has installed it and another one runs',
    [observed('a', shared, started), observed('b', shared, installedAs('ingress'))],
    ['a'],
  ],
  [
    'the one that has it lacks a Secret just now',
    [observed('a', shared), observed('b', shared, unresolved(installedAs('ingress')))],
    ['a'],
  ],
  [
    'three give the same name',
    [observed('a', shared), observed('b', shared), observed('c', shared)],
    ['b', 'c'],
  ],
  [
    'one of them is no chart and has no release',
    [
      observed('a', { ...shared, pluginSources: { yaml: { path: { hostPath: '/opt' } } } }),
      observed('b', shared),
    ],
    [],
  ],
];

describe('releaseNameTaken', () => {
  test.for(rows.map(([when, siblings, held]) => ({ when, siblings, held })))(
    'when $when keeps back $held',
    ({ siblings, held }) => {
      const names = siblings.map((other) => other.plugin.metadata.name);
      const found = names.filter((name) => releaseNameTaken(holdInput({ plugin: name, siblings })));
      expect(found).toEqual(held);
    },
  );

  test('names both plugins, the release and the field to change', () => {
    const siblings = [observed('a', shared), observed('b', shared)];
    expect(releaseNameTaken(holdInput({ plugin: 'b', siblings }))).toEqual({
      reason: 'ReleaseNameTaken',
      message: expect.stringMatching(
        /plugins a and b .*release ingress in namespace kube-system.*give b another spec\.releaseName/,
      ),
    });
  });

  test('answers nothing for a plugin that the cluster no longer wants', () => {
    const siblings = [observed('a', shared)];
    expect(releaseNameTaken(holdInput({ plugin: 'b', siblings }))).toBeUndefined();
  });

  const record = { kind: 'chart', release: 'ingress', targetNamespace: 'kube-system' } as const;
  test.for<[string, Partial<Leftover['record']>, Partial<Sibling>, boolean]>([
    ['is the same', {}, {}, true],
    ['is in another namespace', { targetNamespace: 'edge' }, {}, false],
    ['has another name', { release: 'other' }, {}, false],
    ['is of manifests', { kind: 'yaml' }, {}, false],
    ['is the same, and this plugin has installed it since', {}, installedAs('ingress'), false],
  ])('a release that a plugin outside the set has left and that %s', ([, over, own, isHeld]) => {
    const leftovers = [{ installation: 'vc.old', plugin: 'old', record: { ...record, ...over } }];
    const siblings = [observed('b', shared, own)];
    const hold = releaseNameTaken(holdInput({ plugin: 'b', siblings, leftovers }));
    expect(hold?.reason).toBe(isHeld ? 'ReleaseNameTaken' : undefined);
    if (isHeld) expect(hold?.message).toMatch(/plugin old.*kubectl delete pinst -n demo vc\.old/);
  });
});
