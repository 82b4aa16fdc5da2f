import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { CATALOGUE_NAMESPACE } from '#api/contract/names.ts';
import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import { tryLocateSources } from '#api/payloads/locate-sources.ts';
import { resolvePluginSet } from '#api/plugin-set.ts';
import { validatePlugin } from '#api/validation/index.ts';

const directory = join(import.meta.dirname, 'catalogue');
const settings = { allowHostPaths: [], allowSourceCidrs: [], sourceSecureLoose: false };
const read = (name: string) => load(readFileSync(join(directory, name), 'utf8'));
const { namespace, resources } = read('kustomization.yaml') as { namespace: string; resources: string[] };
const plugins = resources.map((file) => {
  const plugin = read(file) as VirtualClusterPlugin;
  return { ...plugin, metadata: { ...plugin.metadata, namespace } };
});
const named = plugins.map((plugin) => [plugin.metadata.name, plugin] as const);

test('the catalogue is in the namespace that every cluster can use', () => {
  expect(namespace).toBe(CATALOGUE_NAMESPACE);
});

test.each(named)('the shipped plugin %s has no errors and no warnings', (_name, plugin) => {
  expect(validatePlugin(plugin, settings)).toEqual({ errors: [], warnings: [] });
});

test.each(named)(
  'the shipped plugin %s has a success command, and its chart ships with Pinion',
  (name, { spec }) => {
    expect(spec.successStateCommand).toBeDefined();
    expect(tryLocateSources(spec, settings).locations).toMatchObject([
      { slot: 'chart', location: { kind: 'catalogue', path: name } },
    ]);
    expect(existsSync(join(directory, 'charts', name, 'Chart.yaml'))).toBe(true);
  },
);

/** The digest of a plugin does not contain its chart: only a new version installs a changed chart. */
test.each(named)('the shipped plugin %s has the version of its chart', (name, { spec }) => {
  const { version } = read(join('charts', name, 'Chart.yaml')) as { version: string };
  expect(spec.version).toBe(version);
});

test('every shipped chart has a plugin', () => {
  expect(readdirSync(join(directory, 'charts')).sort()).toEqual(named.map(([name]) => name).sort());
});

test('a new cluster gets DNS and konnectivity by default, and can enable the whole catalogue', () => {
  const pluginsWith = (names: string[]) => {
    const enabled = names.map((name) => ({ name }));
    const { problems, wanted } = resolvePluginSet({ pluginSet: { enabled } }, 'team', plugins);
    expect(problems).toEqual([]);
    return wanted.map(({ plugin }) => plugin.metadata.name);
  };
  expect(pluginsWith([])).toEqual(['apiserver-network-proxy', 'coredns']);
  expect(pluginsWith(named.map(([name]) => name))).toHaveLength(plugins.length);
});
