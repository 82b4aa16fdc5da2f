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

test('the catalogue is in the namespace that every cluster may use', () => {
  expect(namespace).toBe(CATALOGUE_NAMESPACE);
});

test.each(named)('%s is right, and nothing is to be warned of', (_name, plugin) => {
  expect(validatePlugin(plugin, settings)).toEqual({ errors: [], warnings: [] });
});

test.each(named)('%s is judged, and its chart ships with Pinion', (name, { spec }) => {
  expect(spec.successStateCommand).toBeDefined();
  expect(tryLocateSources(spec, settings).locations).toMatchObject([
    { slot: 'chart', location: { kind: 'catalogue', path: name } },
  ]);
  expect(existsSync(join(directory, 'charts', name, 'Chart.yaml'))).toBe(true);
});

/** Which chart it is, the digest of a plugin does not know: only a new version installs a changed chart. */
test.each(named)('%s has the version of its chart', (name, { spec }) => {
  const { version } = read(join('charts', name, 'Chart.yaml')) as { version: string };
  expect(spec.version).toBe(version);
});

test('no chart is there without a plugin', () => {
  expect(readdirSync(join(directory, 'charts')).sort()).toEqual(named.map(([name]) => name).sort());
});

test('a new cluster gets names and the way to its nodes, and everything can be enabled', () => {
  const wanted = (names: string[]) => {
    const enabled = names.map((name) => ({ name }));
    const found = resolvePluginSet({ pluginSet: { enabled } }, 'team', plugins);
    expect(found.problems).toEqual([]);
    return found.wanted.map(({ plugin }) => plugin.metadata.name);
  };
  expect(wanted([])).toEqual(['apiserver-network-proxy', 'coredns']);
  expect(wanted(named.map(([name]) => name))).toHaveLength(plugins.length);
});
