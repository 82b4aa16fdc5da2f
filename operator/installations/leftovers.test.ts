import { expect, test } from 'vitest';
import type { PluginInstallation } from '#api/kinds/objects.ts';
import type { InstallationRecord } from '#api/kinds/plugininstallation.ts';
import { installation } from '#test/observed.ts';
import { heirOf, leftoversOf } from './leftovers.ts';

const record = { kind: 'chart', release: 'ingress', targetNamespace: 'edge' } as const;
const having = (name: string, installed: InstallationRecord, state: 'Present' | 'Absent' = 'Present') => {
  const made = installation(name, { phase: 'Installed', installed });
  return { ...made, spec: { ...made.spec, state } };
};

test.each<[string, PluginInstallation[], string | undefined]>([
  ['another plugin has the release', [having('new', record)], 'new'],
  ['only the plugin itself has it', [having('old', record)], undefined],
  ['another has it in another namespace', [having('new', { ...record, targetNamespace: 'web' })], undefined],
  ['another has another release', [having('new', { ...record, release: 'other' })], undefined],
  ['another that has it is not wanted either', [having('new', record, 'Absent')], undefined],
  [
    'another is about to install it',
    [installation('new', { phase: 'Installing', installing: record })],
    'new',
  ],
])('heirOf, when %s', (_when, installations, heir) => {
  expect(heirOf('old', record, installations)).toBe(heir);
});

test('heirOf knows none of manifests', () => {
  expect(heirOf('old', { ...record, kind: 'yaml' }, [having('new', { ...record, kind: 'yaml' })])).toBe(
    undefined,
  );
});

test('leftoversOf gives what plugins outside the set have in the target', () => {
  const all = [having('web', record), having('old', record, 'Absent'), installation('waiting')];
  expect(leftoversOf(all, new Set(['web']))).toEqual([{ installation: 'vc.old', plugin: 'old', record }]);
});
