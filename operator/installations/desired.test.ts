import { describe, expect, test } from 'vitest';
import { CATALOGUE_NAMESPACE, canonicalJson, sha256 } from '#api/contract/names.ts';
import { workOrder } from '#api/contract/work-order.ts';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import { PLUGIN_DEFAULTS, type VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';
import type { ValuesText } from '#api/payloads/payload-row.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import { type Facts, factValues } from '#operator/access/facts.ts';
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
    uid = 'target-uid',
    server = 'https://target.example',
    key = 1,
    facts,
  }: {
    values?: WantedPlugin['values'];
    of?: VirtualClusterSpec;
    valuesFrom?: ValuesText[];
    /** null: not known. */
    uid?: string | null;
    server?: string;
    key?: number;
    facts?: Facts;
  } = {},
) {
  return resolveContent(
    cluster({ spec: of }),
    { plugin: plugin(spec), values },
    {
      target: { uid: uid ?? undefined, server },
      facts,
      valuesFrom,
      settings,
      fingerprint: fingerprintWith(Buffer.alloc(32, key)),
    },
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

const withOption = { pluginOptions: [{ name: 'a', value: 'b' }] };
const secretValues = [{ text: 'password: guess', secret: true }];

describe('the digest of resolveContent', () => {
  test.for([
    ['a description', resolve({ description: 'words' })],
    ['being a default', resolve({ default: true })],
    ['a dependency', resolve({ dependsOn: [{ name: 'dns' }] })],
    ["another address of the target's server", resolve({}, { server: 'https://other.example' })],
    ['a fact of the cluster, to manifests', resolve({}, { facts: factsWith('10.112.0.10') })],
    ['another key of fingerprints, without values from a Secret', resolve({}, { key: 2 })],
    ['the options that it reads, where the cluster has none', resolve({ options: ['region'] })],
    ['an option that it does not read', resolve({ options: ['region'] }, { of: withOption })],
    ['an option where it reads none', resolve({ options: [] }, { of: withOption })],
  ] as const)('does not change with %s', ([, { digest }]) => {
    expect(digest).toBe(base);
  });

  test.for([
    ['a version', resolve({ version: '2' })],
    ['a command', resolve({ successStateCommand: 'true' })],
    ['a target namespace', resolve({ targetNamespace: 'web' })],
    ["a cluster's values", resolve({}, { values: { a: 1 } })],
    ["a cluster's option", resolve({}, { of: withOption })],
    ["a cluster's option that it reads", resolve({ options: ['a'] }, { of: withOption })],
    ['leave to take over objects of others', resolve({ takeOwnership: true })],
    ['the uid of the target', resolve({}, { uid: 'other-uid' })],
    ['values from a Secret', resolve({}, { valuesFrom: [{ text: 'a: 1', secret: true }] })],
  ] as const)('changes with %s', ([, { digest }]) => {
    expect(digest).not.toBe(base);
  });

  test('can not be computed without the key where values are from a Secret', () => {
    const [one, other] = [1, 2].map((key) => resolve({}, { valuesFrom: secretValues, key }).digest);
    expect(one).not.toBe(other);
  });
});

/** As releases before PluginInstallation computed the digest. */
function digestOfOldRelease(
  spec: Partial<VirtualClusterPluginSpec>,
  {
    values,
    options = {},
    server = 'https://target.example',
    facts,
    texts = [],
  }: {
    values?: WantedPlugin['values'];
    options?: Record<string, string>;
    server?: string;
    facts?: Record<string, unknown>;
    texts?: string[];
  } = {},
): string {
  const { description: _, default: __, dependsOn: ___, ...installed } = plugin(spec).spec;
  const targetNamespace = spec.targetNamespace ?? PLUGIN_DEFAULTS.targetNamespace;
  const valuesFrom = texts.map((text) => fingerprint(text));
  return sha256(canonicalJson({ installed, values, options, targetNamespace, server, facts, valuesFrom }));
}

describe('the legacy digest of resolveContent', () => {
  const facts = factsWith('10.112.0.10');
  test.for([
    ['manifests', resolve(), digestOfOldRelease({})],
    [
      'words that install nothing',
      resolve({ description: 'words', default: true, dependsOn: [{ name: 'dns' }] }),
      digestOfOldRelease({}),
    ],
    [
      'another server',
      resolve({}, { server: 'https://other.example' }),
      digestOfOldRelease({}, { server: 'https://other.example' }),
    ],
    ['a target that has no uid yet', resolve({}, { uid: null }), digestOfOldRelease({})],
    [
      'a chart with values, an option, a namespace and values from a Secret',
      resolve(
        { pluginSources: { chart }, targetNamespace: 'web' },
        {
          values: 'c: 3',
          of: { pluginOptions: [{ name: 'a', value: 'b' }] },
          valuesFrom: secretValues,
        },
      ),
      digestOfOldRelease(
        { pluginSources: { chart }, targetNamespace: 'web' },
        { values: 'c: 3', options: { a: 'b' }, texts: ['password: guess'] },
      ),
    ],
    [
      'a chart that is told the facts of a cluster',
      resolve({ pluginSources: { chart } }, { facts }),
      digestOfOldRelease({ pluginSources: { chart } }, { facts: factValues(facts, false) }),
    ],
    ['manifests, which are told no facts', resolve({}, { facts }), digestOfOldRelease({})],
  ] as const)('is what earlier releases computed for %s', ([, { legacyDigest }, expected]) => {
    expect(legacyDigest).toBe(expected);
  });

  test('is what earlier releases computed for a chart of the catalogue', () => {
    const of = plugin({ pluginSources: { chart } }, { namespace: CATALOGUE_NAMESPACE, name: 'web' });
    const target = { uid: 'target-uid', server: 'https://target.example' };
    const inputs = { target, facts, valuesFrom: [], settings, fingerprint };
    expect(resolveContent(cluster(), { plugin: of }, inputs).legacyDigest).toBe(
      digestOfOldRelease({ pluginSources: { chart } }, { facts: factValues(facts, true) }),
    );
  });
});

describe('the record of resolveContent', () => {
  test('says where manifests are installed, without a release', () => {
    const { record, digest } = resolve({ targetNamespace: 'web' });
    expect(record).toEqual({ kind: 'yaml', targetNamespace: 'web', digest, targetUid: 'target-uid' });
  });

  test('names the release of a chart', () => {
    const { record, digest } = resolve({ pluginSources: { chart }, releaseName: 'ingress' });
    const targetNamespace = PLUGIN_DEFAULTS.targetNamespace;
    expect(record).toEqual({
      kind: 'chart',
      targetNamespace,
      release: 'ingress',
      digest,
      targetUid: 'target-uid',
    });
  });

  test('leaves out the uid of a target that has never been reached', () => {
    expect(resolve({}, { uid: null }).record).not.toHaveProperty('targetUid');
  });
});

test('resolveContent writes values from the weakest to the strongest', () => {
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
      { from: 'set', key: 'values.set.json' },
      { from: 'order', key: 'values-from-0.yaml', secret: true },
      { from: 'order', key: 'options.yaml', secret: false },
      { from: 'order', key: 'cluster-values.yaml', secret: false },
    ],
  });
  expect(files).toEqual({
    'values.set.json': '["a=1"]',
    'values-from-0.yaml': 'b: 2',
    'options.yaml': '{"global":{"region":"x"}}',
    'cluster-values.yaml': 'c: 3',
  });
});

test('resolveContent gives chart and command only the options that the plugin reads', () => {
  const of = { pluginOptions: ['region', 'size'].map((name) => ({ name, value: 'x' })) };
  const { order, files } = resolve({ pluginSources: { chart }, options: ['size', 'other'] }, { of });
  expect(files['options.yaml']).toBe('{"global":{"size":"x"}}');
  expect(order.options).toEqual({ size: 'x' });
  const none = resolve({ pluginSources: { chart }, options: [] }, { of });
  expect(none.files).not.toHaveProperty(['options.yaml']);
  expect(none.order.options).toEqual({});
});

test('resolveContent gives charts the facts of a cluster, weaker than all other values and in the digest', () => {
  const [one, other] = ['10.112.0.10', '10.113.0.10'].map((address) =>
    resolve({ pluginSources: { chart } }, { facts: factsWith(address), values: 'c: 3' }),
  );
  expect(one?.order.install).toMatchObject({
    valuesFiles: [
      { key: 'facts.yaml', ifNamed: 'global.pinion' },
      { source: { slot: 'values-file' } },
      { key: 'values.set.json' },
      { key: 'cluster-values.yaml' },
    ],
  });
  expect(JSON.parse(one?.files['facts.yaml'] ?? '')).toEqual({
    global: { pinion: factsWith('10.112.0.10').network },
  });
  expect(one?.digest).not.toBe(other?.digest);
});

test('resolveContent takes a package of the catalogue from the image of the executor', () => {
  const { order } = resolve({ pluginSources: { chart: { storage: { uri: 'file:///catalogue/coredns' } } } });
  expect(workOrder.parse(order).install).toMatchObject({ chart: { slot: 'catalogue', path: 'coredns' } });
});

test('resolveContent passes a text of values to helm as it was written', () => {
  const text = 'a: no # comment\nb: 12345678901234567890\n';
  const { files } = resolve({ pluginSources: { chart: { ...chart, values: text } } }, { values: text });
  expect(files).toMatchObject({ 'values.yaml': text, 'cluster-values.yaml': text });
});

test('resolveContent refuses values that are too large for a Secret, with the size of each part', () => {
  const valuesFrom = [{ text: `a: ${'x'.repeat(600_000)}`, secret: true }];
  const values = `b: ${'y'.repeat(400_000)}`;
  expect(() => resolve({ pluginSources: { chart } }, { valuesFrom, values })).toThrow(
    /values-from-0.yaml 586 KiB.*cluster-values.yaml 391 KiB/,
  );
});

test('resolveContent quotes no secret value that is not a mapping', () => {
  const broken = () =>
    resolve({ pluginSources: { chart } }, { valuesFrom: [{ text: '- canary: [', secret: true }] });
  expect(broken).toThrow(/valuesFrom\[0\] is not a YAML mapping/);
  expect(broken).not.toThrow(/canary/);
});

test('resolveContent says which field to set when Helm does not take a release name', () => {
  const long = plugin({ pluginSources: { chart } });
  long.metadata.name = 'x'.repeat(54);
  const resolving = () =>
    resolveContent(
      cluster(),
      { plugin: long },
      {
        target: { uid: 'target-uid', server: 's' },
        valuesFrom: [],
        settings,
        fingerprint,
      },
    );
  expect(resolving).toThrow(/spec\.releaseName/);
});
