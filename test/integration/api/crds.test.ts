import { beforeAll, describe, expect, test } from 'vitest';
import { aNamespace, aPlugin, aVirtualCluster, type Manifest, withSpec } from '#test/builders/manifests.ts';
import { apply, get, kubectl, tryKubectl } from '#test/kubectl.ts';
import { installKinds } from '../webhook/harness.ts';
import { kosmosForms } from './kosmos-forms.ts';

const namespace = 'api-crds';

beforeAll(async () => {
  await installKinds();
  await apply(aNamespace(namespace));
});

type Definition = {
  status: {
    conditions: { type: string; status: string; message: string }[];
    acceptedNames: { categories: string[] };
  };
};

test.each(['virtualclusters', 'virtualclusterplugins'])(
  'the API server accepts the schema of %s as structural',
  async (plural) => {
    const { status } = JSON.parse(
      await kubectl(['get', 'crd', `${plural}.kosmos.io`, '-o', 'json']),
    ) as Definition;
    const wrong = status.conditions.filter(({ type }) => type === 'NonStructuralSchema');
    expect(wrong).toEqual([]);
    expect(status.acceptedNames.categories).toEqual(['kosmos']);
  },
);

const forms = kosmosForms(namespace);
const ways: [string, string[]][] = [
  ['client-side', ['apply', '-f', '-']],
  ['server-side', ['apply', '--server-side', '--force-conflicts', '-f', '-']],
  ['validating strictly', ['apply', '--validate=strict', '--dry-run=server', '-f', '-']],
];
describe.each(ways)('kubectl apply, %s,', (_way, command) => {
  test.each(Object.entries(forms))('accepts %s', async (_what, manifest) => {
    const { ok, stderr } = await tryKubectl(command, JSON.stringify(manifest));
    expect(ok, stderr).toBe(true);
    expect(stderr).not.toMatch(/unknown field/);
  });
});

test.each(Object.entries(forms))('the API server keeps %s as it was written', async (_what, manifest) => {
  await apply(manifest);
  const kept = await get(manifest.kind, (manifest.metadata as { name: string }).name, namespace);
  expect(kept).toMatchObject({ spec: manifest['spec'] as object });
});

const web = { pvPath: 'store:/pv/web' };
const plugin = (spec: object, name = 'refused') => aPlugin(namespace, name, spec);
const yaml = (path: object) => plugin({ pluginSources: { yaml: { path } } });
const chart = (fields: object) => plugin({ pluginSources: { chart: fields } });
const cluster = (spec: object, name = 'refused') => aVirtualCluster(namespace, name, [], withSpec(spec));

const refused: [string, Manifest, RegExp][] = [
  [
    'a claim path and a uri in one source',
    yaml({ ...web, uri: 'https://h.example/a' }),
    /exactly one of pvPath, hostPath and uri/,
  ],
  [
    'chart and yaml together',
    plugin({ pluginSources: { chart: { storage: web }, yaml: { path: web } } }),
    /exactly one of chart, yaml and kustomize/,
  ],
  [
    'neither chart nor yaml nor kustomize',
    plugin({ pluginSources: {} }),
    /exactly one of chart, yaml and kustomize/,
  ],
  ['no sources', plugin({}), /pluginSources: Required/],
  [
    'a repository and storage',
    chart({ repo: 'https://h.example', name: 'web', storage: web }),
    /exactly one of repo and storage/,
  ],
  ['a chart without repository or storage', chart({ name: 'web' }), /exactly one of repo and storage/],
  ['a repository without the name of a chart', chart({ repo: 'https://h.example' }), /needs its name/],
  [
    'a repository that is not a URL',
    chart({ repo: 'stable', name: 'web' }),
    /https:\/\/charts\.example\.com/,
  ],
  ['.. in a claim path', yaml({ pvPath: 'store:/pv/../etc' }), /pvPath must not contain "\.\."/],
  ['.. at the start of a claim path', yaml({ pvPath: 'store:../etc' }), /pvPath must not contain "\.\."/],
  ['.. in a uri', yaml({ uri: 'https://h.example/a/../b' }), /uri must not contain "\.\."/],
  ['a uri that is neither https:// nor oci://', yaml({ uri: 'ftp://h.example/a' }), /uri must be an https/],
  ['a sha256 that is not 64 hex digits', yaml({ uri: 'https://h.example/a', sha256: 'abc' }), /sha256/],
  [
    'values from both kinds',
    chart({ storage: web, valuesFrom: [{ configMapKeyRef: { name: 'a' }, secretKeyRef: { name: 'b' } }] }),
    /exactly one of configMapKeyRef and secretKeyRef/,
  ],
  [
    'a release name over 53 characters',
    plugin({ releaseName: 'r'.repeat(54), pluginSources: { chart: { storage: web } } }),
    /releaseName.*53/,
  ],
  [
    'a chart whose name is too long for a release',
    plugin({ pluginSources: { chart: { storage: web } } }, 'p'.repeat(54)),
    /releaseName: web/,
  ],
  [
    'a timeout that is not a duration',
    plugin({ timeout: 'soon', pluginSources: { yaml: { path: web } } }),
    /timeout/,
  ],
  ['a VirtualCluster with a name over 63 characters', cluster({}, 'c'.repeat(64)), /at most 63/],
  [
    'a plugin enabled and disabled',
    cluster({ pluginSet: { enabled: [{ name: 'dns' }], disabled: [{ name: 'dns' }] } }),
    /both in enabled and in disabled/,
  ],
  [
    'a plugin enabled twice',
    cluster({ pluginSet: { enabled: [{ name: 'dns' }, { name: 'dns' }] } }),
    /Duplicate|duplicate/,
  ],
  [
    'a kubeconfig in two places',
    cluster({ kubeconfig: 'YQ==', kubeconfigSecretRef: { name: 'a' } }),
    /not both/,
  ],
  [
    'an option whose name is not an identifier',
    cluster({ pluginOptions: [{ name: 'a b', value: '' }] }),
    /pluginOptions/,
  ],
  [
    'a capacity that is not a quantity',
    cluster({ promoteResources: { resources: { cpu: 'many' } } }),
    /resources\.cpu/,
  ],
];

test.each(refused)('the API server alone refuses %s', async (_what, manifest, message) => {
  const { ok, stderr } = await tryKubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(manifest));
  expect(ok).toBe(false);
  expect(stderr).toMatch(message);
});

describe('a VirtualCluster that exists', () => {
  const managed = cluster({ promoteResources: { resources: { cpu: 1 } } }, 'managed');
  const existing = cluster({ kubeconfigSecretRef: { name: 'a' } }, 'existing');
  beforeAll(() => apply(managed, existing));
  const patched = (name: string, patch: object) =>
    tryKubectl(['patch', 'vc', name, '-n', namespace, '--type=merge', '-p', JSON.stringify(patch)]);

  test.each<[string, string, object]>([
    [
      'cannot get a kubeconfigSecretRef if it is managed',
      'managed',
      { kubeconfigSecretRef: { name: 'managed-kubeconfig' } },
    ],
    ['cannot get a kubeconfig if it is managed', 'managed', { kubeconfig: 'YQ==' }],
    ['cannot lose its kubeconfigSecretRef if it is existing', 'existing', { kubeconfigSecretRef: null }],
  ])('%s', async (_what, name, spec) => {
    const { ok, stderr } = await patched(name, { spec });
    expect(ok).toBe(false);
    expect(stderr).toMatch(/make another VirtualCluster, and delete this one/);
  });

  test.each<[string, string, object]>([
    ['can get another kubeconfigSecretRef', 'existing', { spec: { kubeconfigSecretRef: { name: 'b' } } }],
    ['can get other annotations', 'managed', { metadata: { annotations: { a: 'b' } } }],
    ['can request other nodes', 'managed', { spec: { promoteResources: { nodes: ['w'] } } }],
  ])('%s', async (_what, name, patch) => {
    const { ok, stderr } = await patched(name, patch);
    expect(ok, stderr).toBe(true);
  });
});

describe('the pod range of a VirtualCluster', () => {
  const withRange = (clusterCIDR?: string) => ({ spec: { kubeInKubeConfig: { clusterCIDR } } });
  const patch = (body: object, ...more: string[]) =>
    tryKubectl([
      'patch',
      'vc',
      'ranged',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      JSON.stringify(body),
      ...more,
    ]);

  test('can be corrected until the control plane runs, and not after', async () => {
    await apply(cluster(withRange('10.50.0.0/16').spec, 'ranged'));
    const corrected = await patch(withRange('10.200.0.0/16'));
    expect(corrected.ok, corrected.stderr).toBe(true);
    const running = await patch({ status: { port: 30443 } }, '--subresource=status');
    expect(running.ok, running.stderr).toBe(true);
    const other = await patch(withRange('10.51.0.0/16'));
    expect(other.ok).toBe(false);
    expect(other.stderr).toMatch(/clusterCIDR is settled/);
    const none = await patch({ spec: { kubeInKubeConfig: null } });
    expect(none.ok, none.stderr).toBe(true);
  });
});

test('a plugin of yaml can have a name that is too long for a Helm release', async () => {
  await apply(plugin({ pluginSources: { yaml: { path: web } } }, 'y'.repeat(54)));
});

test('kubectl get shows phase, readiness, plugins and nodes as columns', async () => {
  const head = async (...args: string[]) =>
    (await kubectl(['get', ...args, '-n', namespace])).split('\n')[0]?.split(/\s+/);
  expect(await head('vc')).toEqual(['NAME', 'PHASE', 'READY', 'PLUGINS', 'NODES', 'AGE']);
  expect(await head('vc', '-o', 'wide')).toEqual([
    'NAME',
    'PHASE',
    'READY',
    'PLUGINS',
    'NODES',
    'AGE',
    'MESSAGE',
  ]);
  expect(await head('vp')).toEqual(['NAME', 'SOURCE', 'USED-BY', 'DEFAULT', 'AGE']);
  expect(await kubectl(['get', 'kosmos', '-n', namespace, '-o', 'name'])).toMatch(
    /virtualcluster\.kosmos\.io\//,
  );
});

test('kubectl explain describes fields, typeless ones too', async () => {
  expect(await kubectl(['explain', 'vc.spec.pluginSet'])).toMatch(/Plugins to install besides the defaults/);
  expect(await kubectl(['explain', 'vcp.spec.pluginSources.yaml.path.hostPath'])).toMatch(
    /\{path, nodeName\}/,
  );
});
