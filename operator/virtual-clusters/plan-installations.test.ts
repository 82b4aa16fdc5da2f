import { describe, expect, test } from 'vitest';
import { CATALOGUE_NAMESPACE, FINALIZER, installationName, LABEL } from '#api/contract/names.ts';
import type { PluginInstallation } from '#api/kinds/objects.ts';
import { type PluginInstallationSpec, pluginInstallationSpec } from '#api/kinds/plugininstallation.ts';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import type { PluginSetProblem, WantedPlugin } from '#api/plugin-set.ts';
import { cluster, installation, plugin } from '#test/observed.ts';
import { type InstallationWrites, planInstallations } from './plan-installations.ts';

const specOf = (over: Partial<PluginInstallationSpec> = {}, name = 'web'): PluginInstallationSpec => ({
  clusterRef: { name: 'vc' },
  pluginRef: { namespace: 'demo', name },
  state: 'Present',
  ...over,
});
const existing = (over: Partial<PluginInstallationSpec> = {}): PluginInstallation =>
  installation('web', undefined, { spec: specOf(over) });
const absent = existing({ state: 'Absent' });

const web: WantedPlugin = { plugin: plugin() };
const withValues = (values: WantedPlugin['values']): WantedPlugin => ({ plugin: plugin(), values });
const fromCatalogue: WantedPlugin = { plugin: plugin({}, { namespace: CATALOGUE_NAMESPACE, name: 'web' }) };
const notFound: PluginSetProblem = { reason: 'PluginNotFound', plugin: 'web', message: 'no plugin web' };
const disabledDependency: PluginSetProblem = {
  reason: 'DependencyDisabled',
  plugin: 'web',
  message: 'plugin web is disabled but shop depends on it',
};

type Input = Parameters<typeof planInstallations>[0];
const plan = (over: Partial<Input>) =>
  planInstallations({ cluster: cluster(), wanted: [], problems: [], existing: [], ...over });
const legacy = (...plugins: PluginStatus[]) => cluster({ status: { plugins } });
const legacyWeb: PluginStatus = { name: 'web', namespace: 'demo', phase: 'Installed', digest: 'legacy-1' };

/** What is created, and what is updated to which spec. */
const specs = ({ create, update }: InstallationWrites) => ({
  create: create.map(({ spec }) => spec),
  update: update.map(({ installation: { metadata }, spec }) => [metadata.name, spec]),
});

type Row = [does: string, given: Partial<Input>, expected: Partial<ReturnType<typeof specs>>];
const rows: Row[] = [
  ['writes nothing when nothing is wanted', {}, {}],
  ['creates an installation for a plugin that is wanted', { wanted: [web] }, { create: [specOf()] }],
  [
    'creates an installation with the values of the cluster',
    { wanted: [withValues({ a: 1 })] },
    { create: [specOf({ values: { a: 1 } })] },
  ],
  ['writes nothing when the installation says what is wanted', { wanted: [web], existing: [existing()] }, {}],
  [
    'writes nothing when the state is left to its default',
    {
      wanted: [web],
      existing: [installation('web', undefined, { spec: (({ state: _, ...spec }) => spec)(specOf()) })],
    },
    {},
  ],
  [
    'writes nothing when the same values stand in another order',
    { wanted: [withValues({ a: 1, b: 2 })], existing: [existing({ values: { b: 2, a: 1 } })] },
    {},
  ],
  [
    'updates values',
    { wanted: [withValues({ a: 2 })], existing: [existing({ values: { a: 1 } })] },
    { update: [['vc.web', specOf({ values: { a: 2 } })]] },
  ],
  [
    'removes values',
    { wanted: [web], existing: [existing({ values: { a: 1 } })] },
    { update: [['vc.web', specOf()]] },
  ],
  [
    'makes the installation of a disabled plugin Absent and keeps its values',
    { existing: [existing({ values: { a: 1 } })] },
    { update: [['vc.web', specOf({ state: 'Absent', values: { a: 1 } })]] },
  ],
  ['writes nothing when a disabled plugin is Absent already', { existing: [absent] }, {}],
  [
    'makes the installation of a plugin Present that is enabled again',
    { wanted: [web], existing: [absent] },
    { update: [['vc.web', specOf()]] },
  ],
  [
    'keeps the installation of a plugin that was deleted',
    { problems: [notFound], existing: [existing({ values: { a: 1 } })] },
    {},
  ],
  ['creates nothing for a plugin that does not exist', { problems: [notFound] }, {}],
  [
    'makes the installation of a disabled dependency Absent',
    { problems: [disabledDependency], existing: [existing()] },
    { update: [['vc.web', specOf({ state: 'Absent' })]] },
  ],
  [
    'moves an installation from the plugin of the catalogue to that of the own namespace',
    { wanted: [web], existing: [existing({ pluginRef: { namespace: CATALOGUE_NAMESPACE, name: 'web' } })] },
    { update: [['vc.web', specOf()]] },
  ],
  [
    'moves an installation back to the catalogue when the own plugin is deleted',
    { wanted: [fromCatalogue], existing: [existing()] },
    { update: [['vc.web', specOf({ pluginRef: { namespace: CATALOGUE_NAMESPACE, name: 'web' } })]] },
  ],
  [
    'creates an Absent installation for what an earlier release installed and is disabled',
    { cluster: legacy(legacyWeb) },
    { create: [specOf({ state: 'Absent' })] },
  ],
  [
    'creates a Present installation for what an earlier release installed and is wanted',
    { cluster: legacy(legacyWeb), wanted: [web] },
    { create: [specOf()] },
  ],
  [
    'creates nothing for what an earlier release installed and whose plugin was deleted',
    { cluster: legacy(legacyWeb), problems: [notFound] },
    {},
  ],
  [
    'creates nothing for an entry that has an installation',
    { cluster: legacy({ ...legacyWeb, installation: 'vc.web' }) },
    {},
  ],
  [
    'creates nothing for a disabled plugin that an earlier release has not installed',
    { cluster: legacy({ name: 'web', namespace: 'demo', phase: 'Failed', failedDigest: 'legacy-1' }) },
    {},
  ],
];

describe('planInstallations', () => {
  test.for(rows)('%s', ([, given, { create = [], update = [] }]) => {
    expect(specs(plan(given))).toEqual({ create, update });
  });

  test('writes nothing once its own plan is carried out', () => {
    for (const [, given] of rows) {
      const { create, update } = plan(given);
      const created = create.map(({ spec }) => installation(spec.pluginRef.name, undefined, { spec }));
      const changed = new Map(update.map((write) => [write.installation, write.spec]));
      const kept = (given.existing ?? []).map((of) => ({ ...of, spec: changed.get(of) ?? of.spec }));
      expect(plan({ ...given, existing: [...created, ...kept] })).toEqual({ create: [], update: [] });
    }
  });

  test('plans specs that the schema allows', () => {
    for (const [, given] of rows) {
      const { create, update } = plan(given);
      for (const { spec } of [...create, ...update]) expect(pluginInstallationSpec.parse(spec)).toEqual(spec);
    }
  });

  test('gives a new installation its name, labels and finalizer', () => {
    const [draft] = plan({ wanted: [web] }).create;
    expect(draft?.metadata).toEqual({
      namespace: 'demo',
      name: installationName('vc', 'web'),
      labels: {
        [LABEL.component]: 'plugin-installation',
        [LABEL.clusterNamespace]: 'demo',
        [LABEL.clusterName]: 'vc',
        [LABEL.clusterUid]: 'cluster-uid',
        [LABEL.pluginName]: 'web',
      },
      finalizers: [FINALIZER],
    });
  });
});
