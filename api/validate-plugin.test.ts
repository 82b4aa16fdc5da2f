import { expect, test } from 'vitest';
import { API_VERSION, CATALOGUE_NAMESPACE } from './names.ts';
import type { Source } from './source.ts';
import { validatePlugin } from './validate-plugin.ts';

const settings = { allowHostPaths: [], allowSourceCidrs: [], sourceSecureLoose: false };
const errorsOf = (namespace: string, storage: Source) =>
  validatePlugin(
    {
      apiVersion: API_VERSION,
      kind: 'VirtualClusterPlugin',
      metadata: { namespace, name: 'dns', uid: 'u' },
      spec: { pluginSources: { chart: { storage } } },
    },
    settings,
  ).errors;
const shipped = { uri: 'file:///catalogue/coredns' };

test('a plugin of the catalogue may be a package that ships with Pinion', () => {
  expect(errorsOf(CATALOGUE_NAMESPACE, shipped)).toEqual([]);
});

test('a plugin of another namespace may not', () => {
  expect(errorsOf('team', shipped)).toEqual([
    {
      field: 'spec.pluginSources.chart.storage.uri',
      message: expect.stringMatching(/plugins of namespace pinion-catalogue, not team/),
    },
  ]);
});

test.each([
  ['a digest', { sha256: 'a'.repeat(64) }],
  ['credentials', { secretRef: { name: 'login' } }],
])('a package that ships with Pinion has no %s', (_what, option) => {
  expect(errorsOf(CATALOGUE_NAMESPACE, { ...shipped, ...option })).toMatchObject([
    { message: expect.stringMatching(/https:\/\/ or oci:\/\/ uri only/) },
  ]);
});
