import { expect, test } from 'vitest';
import { workOrder } from '#api/contract/work-order.ts';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';
import type { ValuesText } from '#api/payloads/payload-row.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import type { Facts } from '#operator/access/facts.ts';
import { fingerprintWith } from '#operator/host/digest-key.ts';
import { cluster, plugin } from '#test/observed.ts';
import { resolveContent } from './desired.ts';

const settings = { allowHostPaths: ['/opt'], allowSourceCidrs: [], sourceSecureLoose: false };
const fingerprint = fingerprintWith(Buffer.alloc(32, 1));
const chart: VirtualClusterPluginSpec['pluginSources']['chart'] = {
  storage: { hostPath: '/opt/web' },
  valuesFile: { uri: 'https://values.example/v.yaml' },
  values: ['a=1'],
};

function resolve(
  spec: Partial<VirtualClusterPluginSpec> = {},
  {
    values,
    of = {},
    valuesFrom = [],
    server = 'https://target.example',
    key = 1,
    facts,
  }: {
    values?: WantedPlugin['values'];
    of?: VirtualClusterSpec;
    valuesFrom?: ValuesText[];
    server?: string;
    key?: number;
    facts?: Facts;
  } = {},
) {
  return resolveContent(
    cluster({ spec: of }),
    { plugin: plugin(spec), values },
    { server, facts, valuesFrom, settings, fingerprint: fingerprintWith(Buffer.alloc(32, key)) },
  );
}
const base = resolve().digest;
const factsWith = (dnsAddress: string): Facts => ({
  network: { dnsAddress, clusterDomain: 'cluster.local', podRange: 'p', serviceRange: 's' },
  catalogue: {
    konnectivity: { host: 'h', port: 1 },
    images: { coredns: 'c', konnectivityAgent: 'k', metricsServer: 'm', nodeLocalDns: 'n' },
  },
});

test.for([
  ['a description', resolve({ description: 'words' }), true],
  ['being a default', resolve({ default: true }), true],
  ['a version', resolve({ version: '2' }), false],
  ['a command', resolve({ successStateCommand: 'true' }), false],
  ['a target namespace', resolve({ targetNamespace: 'web' }), false],
  ["a cluster's values", resolve({}, { values: { a: 1 } }), false],
  ["a cluster's option", resolve({}, { of: { pluginOptions: [{ name: 'a', value: 'b' }] } }), false],
  ['another target', resolve({}, { server: 'https://other.example' }), false],
  ['a fact of the cluster, to manifests', resolve({}, { facts: factsWith('10.112.0.10') }), true],
  ['values from a Secret', resolve({}, { valuesFrom: [{ text: 'a: 1', secret: true }] }), false],
] as const)(
  '%s is part of what is installed unless it changes nothing: same digest %3$s',
  ([, { digest }, same]) => {
    expect(digest === base).toBe(same);
  },
);

test('a digest with values from a Secret cannot be computed without the key', () => {
  const valuesFrom = [{ text: 'password: guess', secret: true }];
  expect(resolve({}, { valuesFrom, key: 1 }).digest).not.toBe(resolve({}, { valuesFrom, key: 2 }).digest);
});

test('without such values a new key changes nothing', () => {
  expect(resolve({}, { key: 2 }).digest).toBe(base);
});

test('values are written from the weakest to the strongest', () => {
  const { order, files } = resolve(
    { pluginSources: { chart } },
    {
      values: 'c: 3',
      of: { pluginOptions: [{ name: 'region', value: 'x' }] },
      valuesFrom: [{ text: 'b: 2', secret: true }],
    },
  );
  expect(workOrder.parse(order)).toEqual(order);
  expect(order.install).toMatchObject({
    kind: 'chart',
    releaseName: 'web',
    wait: true,
    valuesFiles: [
      { from: 'source', source: { slot: 'values-file', path: '' } },
      { from: 'order', key: 'values.yaml', secret: false },
      { from: 'order', key: 'values-from-0.yaml', secret: true },
      { from: 'order', key: 'options.yaml', secret: false },
      { from: 'order', key: 'cluster-values.yaml', secret: false },
    ],
  });
  expect(files).toEqual({
    'values.yaml': '{"a":1}',
    'values-from-0.yaml': 'b: 2',
    'options.yaml': '{"global":{"region":"x"}}',
    'cluster-values.yaml': 'c: 3',
  });
});

test('charts are told the facts of a cluster, weaker than all other values, as part of the digest', () => {
  const [one, other] = ['10.112.0.10', '10.113.0.10'].map((address) =>
    resolve({ pluginSources: { chart } }, { facts: factsWith(address), values: 'c: 3' }),
  );
  expect(one?.order.install).toMatchObject({
    valuesFiles: [
      { key: 'facts.yaml' },
      { source: { slot: 'values-file' } },
      { key: 'values.yaml' },
      { key: 'cluster-values.yaml' },
    ],
  });
  expect(JSON.parse(one?.files['facts.yaml'] ?? '')).toEqual({
    global: { pinion: factsWith('10.112.0.10').network },
  });
  expect(one?.digest).not.toBe(other?.digest);
});

test('a package of the catalogue is taken from the image of the executor', () => {
  const { order } = resolve({ pluginSources: { chart: { storage: { uri: 'file:///catalogue/coredns' } } } });
  expect(workOrder.parse(order).install).toMatchObject({ chart: { slot: 'catalogue', path: 'coredns' } });
});

test('a text of values goes to helm as it was written', () => {
  const text = 'a: no # comment\nb: 12345678901234567890\n';
  const { files } = resolve({ pluginSources: { chart: { ...chart, values: text } } }, { values: text });
  expect(files).toMatchObject({ 'values.yaml': text, 'cluster-values.yaml': text });
});

test('values that no Secret can hold are refused, with the size of each part', () => {
  const valuesFrom = [{ text: `a: ${'x'.repeat(600_000)}`, secret: true }];
  const values = `b: ${'y'.repeat(400_000)}`;
  expect(() => resolve({ pluginSources: { chart } }, { valuesFrom, values })).toThrow(
    /values-from-0.yaml 586 KiB.*cluster-values.yaml 391 KiB/,
  );
});

test('a secret value that is no mapping is not quoted', () => {
  const broken = () =>
    resolve({ pluginSources: { chart } }, { valuesFrom: [{ text: '- canary: [', secret: true }] });
  expect(broken).toThrow(/valuesFrom\[0\] is not a YAML mapping/);
  expect(broken).not.toThrow(/canary/);
});

test('a release name that Helm does not take says which field to set', () => {
  const long = plugin({ pluginSources: { chart } });
  long.metadata.name = 'x'.repeat(54);
  const resolving = () =>
    resolveContent(cluster(), { plugin: long }, { server: 's', valuesFrom: [], settings, fingerprint });
  expect(resolving).toThrow(/spec\.releaseName/);
});
