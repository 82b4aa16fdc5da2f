import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LABEL } from '#api/contract/names.ts';
import { aPlugin, aSecret, aVirtualCluster, type Manifest, withLabels } from '#test/builders/manifests.ts';
import { apply, kubectl, tryApply, tryKubectl } from '#test/kubectl.ts';
import type { Webhook } from '#webhook/webhook.ts';
import { kosmosForms } from '../api/kosmos-forms.ts';
import { installKinds, startFor, stopFor } from './harness.ts';

const namespace = 'webhook-kinds';
let webhook: Webhook;

const volume = (name: string, node: string) => [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `webhook-kinds-${name}` },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'webhook-kinds',
      local: { path: '/opt/pinion' },
      claimRef: { namespace, name },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'webhook-kinds',
      volumeName: `webhook-kinds-${name}`,
      resources: { requests: { storage: '1Gi' } },
    },
  },
];

beforeAll(async () => {
  await installKinds();
  webhook = await startFor(namespace, { pluginStoreClaim: 'plugin-store' });
  await apply(
    ...volume('on-1', 'worker-1'),
    ...volume('on-2', 'worker-2'),
    aSecret(namespace, 'plain', { token: 'x' }),
    aSecret(namespace, 'login', { token: 'x' }, withLabels({ [LABEL.sourceCredentials]: 'true' })),
  );
});
afterAll(() => stopFor(namespace, webhook));

const web = { pvPath: 'on-1:/pv/web' };
const plugin = (spec: object, name = 'refused') => aPlugin(namespace, name, spec);
const yaml = (path: object) => plugin({ pluginSources: { yaml: { path } } });
const chart = (fields: object, spec: object = {}) =>
  plugin({ pluginSources: { chart: { storage: web, ...fields } }, ...spec });
const cluster = (spec: object): Manifest => ({ ...aVirtualCluster(namespace, 'refused', []), spec });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const kubeconfig = (user: string, server = 'https://10.1.2.3:6443') =>
  base64(
    `{current-context: a, clusters: [{name: a, cluster: {server: "${server}"}}], contexts: [{name: a, context: {cluster: a, user: a}}], users: [{name: a, user: ${user}}]}`,
  );

/** What is wrong, the manifest, the field that the message begins with, the remedy in it. */
const refused: [string, Manifest, string, RegExp][] = [
  [
    'no source',
    yaml({}),
    'spec.pluginSources.yaml.path',
    /exactly one of pvPath, hostPath and uri, found none/,
  ],
  [
    'a host path beside a claim',
    yaml({ ...web, hostPath: '/opt/pinion/a' }),
    'spec.pluginSources.yaml.path',
    /found pvPath and hostPath/,
  ],
  [
    'a host path beside a uri',
    yaml({ uri: 'https://h.example/a', hostPath: '/opt/pinion/a' }),
    'spec.pluginSources.yaml.path',
    /found hostPath and uri/,
  ],
  [
    'a host path that is not allowed',
    yaml({ hostPath: '/etc' }),
    'spec.pluginSources.yaml.path.hostPath "/etc"',
    /--allow-host-path/,
  ],
  [
    'a host path that only begins like an allowed one',
    yaml({ hostPath: '/opt/pinion-evil' }),
    'spec.pluginSources.yaml.path.hostPath',
    /--allow-host-path/,
  ],
  [
    '.. in a host path',
    yaml({ hostPath: '/opt/pinion/../../etc' }),
    'spec.pluginSources.yaml.path.hostPath',
    /must not contain "\.\."/,
  ],
  [
    '.. in a host path as an object',
    yaml({ hostPath: { path: '/opt/pinion/..', nodeName: 'a' } }),
    'spec.pluginSources.yaml.path.hostPath',
    /must not contain "\.\."/,
  ],
  [
    'a host path that is a number',
    yaml({ hostPath: 3 }),
    'spec.pluginSources.yaml.path.hostPath',
    /hostPath: \{path:/,
  ],
  [
    'a host path without a path',
    yaml({ hostPath: { nodeName: 'a' } }),
    'spec.pluginSources.yaml.path.hostPath',
    /hostPath: \{path:/,
  ],
  [
    'a relative host path',
    yaml({ hostPath: 'plugins' }),
    'spec.pluginSources.yaml.path.hostPath',
    /absolute/,
  ],
  [
    'an encoded .. in a uri',
    yaml({ uri: 'https://h.example/a/%2e%2e/b' }),
    'spec.pluginSources.yaml.path.uri',
    /must not contain "\.\."/,
  ],
  [
    'credentials in a uri',
    yaml({ uri: 'https://me:secret@h.example/a' }),
    'spec.pluginSources.yaml.path.uri',
    /secretRef/,
  ],
  [
    'an http:// uri',
    yaml({ uri: 'http://h.example/a.yaml' }),
    'spec.pluginSources.yaml.path.uri',
    /https:\/\/.*--source-secure-loose/,
  ],
  [
    'an http:// repository',
    plugin({ pluginSources: { chart: { repo: 'http://h.example', name: 'web' } } }),
    'spec.pluginSources.chart.repo',
    /--source-secure-loose/,
  ],
  [
    'a digest for a claim',
    yaml({ ...web, sha256: 'a'.repeat(64) }),
    'spec.pluginSources.yaml.path.sha256',
    /only to an https:\/\/ or oci:\/\/ uri/,
  ],
  [
    'a package of the catalogue for a plugin of its own',
    yaml({ uri: 'file:///catalogue/coredns' }),
    'spec.pluginSources.yaml.path.uri',
    /plugins of namespace pinion-catalogue, not webhook-kinds/,
  ],
  [
    'a file that is no package of the catalogue',
    yaml({ uri: 'file:///catalogue/a/b' }),
    'spec.pluginSources.yaml.path.uri',
    /file:\/\/\/catalogue\/NAME/,
  ],
  ['values that are a number', chart({ values: 3 }), 'spec.pluginSources.chart.values', /must be a mapping/],
  [
    'values that are a list of numbers',
    chart({ values: [1] }),
    'spec.pluginSources.chart.values',
    /must be a mapping/,
  ],
  [
    'values whose YAML is a list',
    chart({ values: '- a\n- b\n' }),
    'spec.pluginSources.chart.values',
    /must be a mapping.*found a list/,
  ],
  ['values whose YAML is no YAML', chart({ values: 'a: [' }), 'spec.pluginSources.chart.values', /not YAML/],
  [
    'values without =',
    chart({ values: ['replicas'] }),
    'spec.pluginSources.chart.values',
    /key=value, like replicas=2/,
  ],
  ['a timeout of nothing', chart({}, { timeout: '0s' }), 'spec.timeout', /between 1s and 24h/],
  [
    'values of a plugin that are a number',
    cluster({ pluginSet: { enabled: [{ name: 'dns', values: 3 }] } }),
    'spec.pluginSet.enabled[0].values',
    /must be a mapping/,
  ],
  ['a kubeconfig that is not base64', cluster({ kubeconfig: '%%%' }), 'spec.kubeconfig', /base64 -w0/],
  ['a kubeconfig that is not YAML', cluster({ kubeconfig: base64('{a: [') }), 'spec.kubeconfig', /not YAML/],
  [
    'a kubeconfig that is something else',
    cluster({ kubeconfig: base64('a: b') }),
    'spec.kubeconfig',
    /kubectl config view/,
  ],
  [
    'a kubeconfig with exec',
    cluster({ kubeconfig: kubeconfig('{exec: {command: id}}') }),
    'spec.kubeconfig',
    /"exec".*inline/,
  ],
  [
    'a kubeconfig with the path of a file',
    cluster({ kubeconfig: kubeconfig('{tokenFile: /etc/passwd}') }),
    'spec.kubeconfig',
    /"tokenFile".*inline/,
  ],
  [
    'a kubeconfig of this machine',
    cluster({ kubeconfig: kubeconfig('{token: a}', 'https://localhost:6443') }),
    'spec.kubeconfig',
    /loopback/,
  ],
];

describe('kubectl apply is refused', () => {
  test.each(refused)('with %s', async (_what, manifest, field, remedy) => {
    const { ok, stderr } = await tryApply(manifest);
    expect(ok, 'was accepted').toBe(false);
    expect(stderr).toContain(field);
    expect(stderr).toMatch(remedy);
    expect(stderr).not.toMatch(/\.ts:\d+|secret@/);
  });

  test('with all that is wrong at once', async () => {
    const { stderr } = await tryApply(chart({ values: 3, storage: { hostPath: '/etc' } }));
    expect(stderr).toMatch(/values/);
    const both = await tryApply(chart({ values: '- a', storage: { hostPath: '/etc' } }));
    expect(both.stderr).toMatch(/hostPath "\/etc"[\s\S]*chart\.values/);
  });
});

const uri = 'https://h.example/a.yaml';
const warned: [string, Manifest, RegExp][] = [
  [
    'a claim that does not exist',
    yaml({ pvPath: 'nowhere:/pv' }),
    /pvPath: no PersistentVolumeClaim "nowhere"/,
  ],
  [
    'a node that does not exist',
    yaml({ hostPath: { path: '/opt/pinion/a', nodeName: 'nobody' } }),
    /nodeName: no Node "nobody"/,
  ],
  [
    'a Secret that does not exist',
    yaml({ uri, secretRef: { name: 'nothing' } }),
    /secretRef: no Secret "nothing"/,
  ],
  ['a Secret without the label', yaml({ uri, secretRef: { name: 'plain' } }), /source-credentials=true/],
  [
    'a Secret of values that does not exist',
    chart({ valuesFrom: [{ secretKeyRef: { name: 'nothing' } }] }),
    /secretKeyRef: no Secret "nothing"/,
  ],
  [
    'a ConfigMap of values that does not exist',
    chart({ valuesFrom: [{ configMapKeyRef: { name: 'nothing' } }] }),
    /configMapKeyRef: no ConfigMap "nothing"/,
  ],
  [
    'a plugin to depend on that does not exist',
    { ...yaml(web), spec: { dependsOn: [{ name: 'unheard-of' }], pluginSources: { yaml: { path: web } } } },
    /dependsOn\[0\]: no VirtualClusterPlugin "unheard-of"/,
  ],
  [
    'an enabled plugin that does not exist',
    cluster({ pluginSet: { enabled: [{ name: 'unheard-of' }] } }),
    /enabled\[0\]: no VirtualClusterPlugin "unheard-of"/,
  ],
  [
    'a Secret of the kubeconfig that does not exist',
    cluster({ kubeconfigSecretRef: { name: 'nothing' } }),
    /kubeconfigSecretRef: no Secret "nothing"/,
  ],
  [
    'two sources bound to different nodes',
    chart({ valuesFile: { pvPath: 'on-2:/pv/values.yaml' } }),
    /different nodes.*worker-1.*worker-2/,
  ],
  [
    'a kubeconfig in the object itself',
    cluster({ kubeconfig: kubeconfig('{token: a}') }),
    /prefer spec\.kubeconfigSecretRef/,
  ],
  [
    'a version that is not pinned',
    plugin({ pluginSources: { chart: { repo: 'https://h.example', name: 'web', version: '^1.2.0' } } }),
    /"\^1\.2\.0" is a range/,
  ],
  ['a host path on any node', yaml({ hostPath: '/opt/pinion/a' }), /no nodeName/],
  [
    'a command that cannot fail',
    chart(
      {},
      {
        successStateCommand:
          "kubectl get pods -l app=a | grep -q 'No resources found' && echo ok || echo bad",
      },
    ),
    /successStateCommand can't fail/,
  ],
];

describe('kubectl apply is warned of', () => {
  test.each(warned)('%s', async (_what, manifest, warning) => {
    const { ok, stderr } = await tryKubectl(
      ['apply', '--dry-run=server', '-f', '-'],
      JSON.stringify(manifest),
    );
    expect(ok, stderr).toBe(true);
    expect(stderr).toMatch(/^Warning: /m);
    expect(stderr).toMatch(warning);
  });

  test('nothing, when all is there and well', async () => {
    const { ok, stderr } = await tryApply(yaml({ uri: `${uri}?v=1`, secretRef: { name: 'login' } }));
    expect(ok, stderr).toBe(true);
    expect(stderr).not.toMatch(/Warning/);
  });
});

test.each(Object.entries(kosmosForms(namespace)))(
  '%s, as Kosmos knows it, is accepted',
  async (_what, manifest) => {
    const { ok, stderr } = await tryApply(manifest);
    expect(ok, stderr).toBe(true);
  },
);

test('the metadata of an object that has become wrong can still be changed', async () => {
  const manifest = aPlugin(namespace, 'was-right', {
    pluginSources: { yaml: { path: { hostPath: '/etc' } } },
  });
  const configuration = ['validatingwebhookconfiguration', `test-${namespace}`];
  const selector = (value: string) =>
    kubectl([
      'patch',
      ...configuration,
      '--type=json',
      '-p',
      JSON.stringify([
        {
          op: 'replace',
          path: '/webhooks/0/namespaceSelector/matchLabels',
          value: { 'kubernetes.io/metadata.name': value },
        },
      ]),
    ]);
  await selector('elsewhere');
  // The API server takes a moment to see the change.
  await expect.poll(async () => (await tryApply(manifest)).ok, { timeout: 60_000 }).toBe(true);
  await selector(namespace);
  await expect
    .poll(async () => (await tryApply(yaml({ hostPath: '/etc' }))).ok, { timeout: 60_000 })
    .toBe(false);
  await kubectl(['label', 'vp', 'was-right', '-n', namespace, 'a=b']);
});
