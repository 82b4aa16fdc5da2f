import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import { tryLocateSources } from '#api/payloads/locate-sources.ts';
import { validateCluster, validatePlugin } from '#api/validation/index.ts';

const directory = join(import.meta.dirname, 'samples');
const settings = { allowHostPaths: ['/opt/pinion'], allowSourceCidrs: [], sourceSecureLoose: false };
const read = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => loadAll(readFileSync(join(folder, name), 'utf8')) as { kind: string }[]);
const pluginsIn = (objects: { kind: string }[]) =>
  objects.filter(({ kind }) => kind === 'VirtualClusterPlugin') as VirtualClusterPlugin[];
const samples = read(directory);
const plugins = pluginsIn(samples);
const catalogue = pluginsIn(read(join(import.meta.dirname, 'catalogue')));
const clusters = samples.filter(({ kind }) => kind === 'VirtualCluster') as VirtualCluster[];

test.each(plugins.map((plugin) => [plugin.metadata.name, plugin] as const))(
  'the sample plugin %s has no errors and no warnings',
  (_name, plugin) => {
    expect(validatePlugin(plugin, settings)).toEqual({ errors: [], warnings: [] });
  },
);

test.each(clusters.map((cluster) => [cluster.metadata.name, cluster] as const))(
  'the sample cluster %s has no errors, and enables plugins of the samples or of the catalogue',
  (_name, cluster) => {
    expect(validateCluster(cluster)).toEqual({ errors: [], warnings: [] });
    const names = [...plugins, ...catalogue].map(({ metadata }) => metadata.name);
    for (const { name } of cluster.spec.pluginSet?.enabled ?? []) expect(names).toContain(name);
  },
);

test('the samples show every kind of payload and of source', () => {
  const shown = plugins.flatMap(({ spec }) =>
    tryLocateSources(spec, settings).locations.map(({ slot, location }) => `${slot} ${location.kind}`),
  );
  expect(new Set(shown)).toEqual(
    new Set([
      'chart claim',
      'chart repository',
      'values-file claim',
      'yaml claim',
      'yaml host',
      'kustomize uri',
    ]),
  );
});
