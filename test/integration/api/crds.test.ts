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
    'a pvPath and a uri in one source',
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
  ['a chart without repo and storage', chart({ name: 'web' }), /exactly one of repo and storage/],
  ['a repository without the name of a chart', chart({ repo: 'https://h.example' }), /needs its name/],
  ['a repo that is not an address', chart({ repo: 'stable', name: 'web' }), /https:\/\/charts\.example\.com/],
  ['.. in a claim path', yaml({ pvPath: 'store:/pv/../etc' }), /pvPath must not contain "\.\."/],
  ['.. at the start of a claim path', yaml({ pvPath: 'store:../etc' }), /pvPath must not contain "\.\."/],
  ['.. in a uri', yaml({ uri: 'https://h.example/a/../b' }), /uri must not contain "\.\."/],
  ['a uri that is not an address', yaml({ uri: 'ftp://h.example/a' }), /uri must be an https/],
  ['an invalid digest', yaml({ uri: 'https://h.example/a', sha256: 'abc' }), /sha256/],
  [
    'values from a ConfigMap and a Secret at once',
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
    /in both enabled and disabled/,
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

test.each(refused)('the API server refuses %s', async (_what, manifest, message) => {
  const { ok, stderr } = await tryKubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(manifest));
  expect(ok).toBe(false);
  expect(stderr).toMatch(message);
});

describe('an existing VirtualCluster', () => {
  const own = cluster({ promoteResources: { resources: { cpu: 1 } } }, 'own');
  const existing = cluster({ kubeconfigSecretRef: { name: 'a' } }, 'existing');
  beforeAll(() => apply(own, existing));
  const patched = (name: string, patch: object) =>
    tryKubectl(['patch', 'vc', name, '-n', namespace, '--type=merge', '-p', JSON.stringify(patch)]);

  test.each<[string, string, object]>([
    [
      'of a managed cluster refuses a kubeconfigSecretRef',
      'own',
      { kubeconfigSecretRef: { name: 'own-kubeconfig' } },
    ],
    ['of a managed cluster refuses a kubeconfig', 'own', { kubeconfig: 'YQ==' }],
    ['of an existing cluster refuses to drop its kubeconfig', 'existing', { kubeconfigSecretRef: null }],
  ])('%s', async (_what, name, spec) => {
    const { ok, stderr } = await patched(name, { spec });
    expect(ok).toBe(false);
    expect(stderr).toMatch(/can't be added or removed after creation; create a new VirtualCluster/);
  });

  test.each<[string, string, object]>([
    ['may change its kubeconfigSecretRef', 'existing', { spec: { kubeconfigSecretRef: { name: 'b' } } }],
    ['may change its annotations', 'own', { metadata: { annotations: { a: 'b' } } }],
    ['may request other nodes', 'own', { spec: { promoteResources: { nodes: ['w'] } } }],
  ])('%s', async (_what, name, patch) => {
    const { ok, stderr } = await patched(name, patch);
    expect(ok, stderr).toBe(true);
  });
});

describe('clusterCIDR', () => {
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

  test('may be changed until the control plane runs, and not after', async () => {
    await apply(cluster(withRange('10.50.0.0/16').spec, 'ranged'));
    const corrected = await patch(withRange('10.200.0.0/16'));
    expect(corrected.ok, corrected.stderr).toBe(true);
    const running = await patch({ status: { port: 30443 } }, '--subresource=status');
    expect(running.ok, running.stderr).toBe(true);
    const other = await patch(withRange('10.51.0.0/16'));
    expect(other.ok).toBe(false);
    expect(other.stderr).toMatch(/clusterCIDR can't be changed/);
    const none = await patch({ spec: { kubeInKubeConfig: null } });
    expect(none.ok, none.stderr).toBe(true);
  });
});

test('a plugin of yaml may have a name that is too long for a release', async () => {
  await apply(plugin({ pluginSources: { yaml: { path: web } } }, 'y'.repeat(54)));
});

test('kubectl get shows the columns of both kinds', async () => {
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

test('kubectl explain shows the descriptions', async () => {
  expect(await kubectl(['explain', 'vc.spec.pluginSet'])).toMatch(/Plugins to install besides the defaults/);
  expect(await kubectl(['explain', 'vcp.spec.pluginSources.yaml.path.hostPath'])).toMatch(
    /\{path, nodeName\}/,
  );
});
