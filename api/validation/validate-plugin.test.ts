import { readFile } from 'node:fs/promises';
import { loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { API_VERSION, CATALOGUE_NAMESPACE } from '../contract/names.ts';
import type { Source } from '../sources/source.ts';
import { EXEMPT_NAMESPACES, validatePlugin } from './validate-plugin.ts';

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

test('validatePlugin accepts a package that ships with Pinion in the catalogue', () => {
  expect(errorsOf(CATALOGUE_NAMESPACE, shipped)).toEqual([]);
});

test('validatePlugin refuses a package that ships with Pinion in another namespace', () => {
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
])('validatePlugin refuses %s beside a package that ships with Pinion', (_what, option) => {
  expect(errorsOf(CATALOGUE_NAMESPACE, { ...shipped, ...option })).toMatchObject([
    { message: expect.stringMatching(/applies only to an https:\/\/ or oci:\/\/ uri/) },
  ]);
});

test('validatePlugin refuses repository credentials beside storage, where they would protect nothing', () => {
  const chart = { storage: { uri: 'https://charts.example/web.tgz' }, secretRef: { name: 'login' } };
  const { errors, warnings } = validatePlugin(
    {
      apiVersion: API_VERSION,
      kind: 'VirtualClusterPlugin',
      metadata: { namespace: 'team', name: 'web', uid: 'u' },
      spec: { pluginSources: { chart: { ...chart, version: '1.0.0' } } },
    },
    settings,
  );
  expect(errors).toMatchObject([{ field: 'spec.pluginSources.chart.secretRef' }]);
  expect(warnings).toMatchObject([expect.stringContaining('chart.version has no effect beside storage')]);
});

test.each(EXEMPT_NAMESPACES)(
  'validatePlugin refuses plugins in %s, which the webhook exempts',
  (namespace) => {
    expect(errorsOf(namespace, { uri: 'https://charts.example/web.tgz' })).toEqual([
      { field: 'metadata.namespace', message: expect.stringMatching(/in another namespace, like/) },
    ]);
  },
);

test('EXEMPT_NAMESPACES are those of the webhook configurations', async () => {
  const file = new URL('../../deploy/webhook/configurations.yaml', import.meta.url);
  type Configuration = {
    webhooks: { namespaceSelector: { matchExpressions: { operator: string; values: string[] }[] } }[];
  };
  const configurations = loadAll(await readFile(file, 'utf8')) as Configuration[];
  const exempt = configurations
    .flatMap(({ webhooks }) => webhooks)
    .map(({ namespaceSelector }) => namespaceSelector.matchExpressions);
  expect(exempt.length).toBeGreaterThan(1);
  for (const expressions of exempt)
    expect(expressions).toMatchObject([{ operator: 'NotIn', values: EXEMPT_NAMESPACES }]);
});

test('validatePlugin refuses a plugin that depends on itself', () => {
  const { errors } = validatePlugin(
    {
      apiVersion: API_VERSION,
      kind: 'VirtualClusterPlugin',
      metadata: { namespace: 'team', name: 'web', uid: 'u' },
      spec: {
        dependsOn: [{ name: 'queue' }, { name: 'web' }],
        pluginSources: { yaml: { path: { pvPath: 'store:/pv' } } },
      },
    },
    settings,
  );
  expect(errors).toEqual([
    { field: 'spec.dependsOn[1]', message: expect.stringMatching(/"web".*remove it/) },
  ]);
});
