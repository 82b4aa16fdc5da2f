import { beforeAll, describe, expect, test } from 'vitest';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { aPlugin, aVirtualCluster, type Manifest } from '#test/builders.ts';
import { apply, eventually, get, tryApply } from '#test/kubectl.ts';
import { freshNamespace } from './world.ts';

const namespace = 'e2e-refusals';
const web = { pvPath: 'store:/pv/web' };
const plugin = (spec: object, name = 'refused') => aPlugin(namespace, name, spec);
const yaml = (path: object) => plugin({ pluginSources: { yaml: { path } } });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const cluster = (spec: object) => ({ ...aVirtualCluster(namespace, 'refused', []), spec }) satisfies Manifest;
const execKubeconfig = `apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: "https://10.1.2.3:6443"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: id}}}]
`;

beforeAll(() => freshNamespace(namespace));

/** What is wrong, the manifest, and what the message must name: the field and the remedy. */
const refused: [string, Manifest, RegExp, RegExp][] = [
  ['no source', yaml({}), /yaml\.path/, /exactly one of pvPath, hostPath and uri/],
  ['two sources in one', yaml({ ...web, uri: 'https://h.example/a.yaml' }), /yaml\.path/, /exactly one of/],
  ['a host path beside a claim', yaml({ ...web, hostPath: '/opt/pinion/a' }), /yaml\.path/, /exactly one of/],
  [
    'a chart and yaml together',
    plugin({ pluginSources: { chart: { storage: web }, yaml: { path: web } } }),
    /pluginSources/,
    /keep one/,
  ],
  ['a host path that is not allowed', yaml({ hostPath: '/etc' }), /hostPath "\/etc"/, /--allow-host-path/],
  ['.. in a claim path', yaml({ pvPath: 'store:/pv/../etc' }), /pvPath/, /must not contain ".."/],
  ['.. in a host path', yaml({ hostPath: '/opt/pinion/../../etc' }), /hostPath/, /must not contain ".."/],
  ['.. in a uri', yaml({ uri: 'https://h.example/a/../b.yaml' }), /uri/, /must not contain ".."/],
  [
    'values that are a number',
    plugin({ pluginSources: { chart: { storage: web, values: 3 } } }),
    /chart\.values/,
    /mapping/,
  ],
  [
    'values whose YAML is a list',
    plugin({ pluginSources: { chart: { storage: web, values: '- a\n- b\n' } } }),
    /chart\.values/,
    /mapping/,
  ],
  ['an http:// uri', yaml({ uri: 'http://h.example/a.yaml' }), /uri/, /https:\/\/.*--source-secure-loose/],
  [
    'a release name over 53 characters',
    plugin({ releaseName: 'r'.repeat(54), pluginSources: { chart: { storage: web } } }),
    /releaseName/,
    /53/,
  ],
  [
    'a chart plugin with a name over 53 characters and no release name',
    plugin({ pluginSources: { chart: { storage: web } } }, 'p'.repeat(54)),
    /name/,
    /releaseName/,
  ],
  [
    'one plugin enabled and disabled',
    cluster({ pluginSet: { enabled: [{ name: 'dns' }], disabled: [{ name: 'dns' }] } }),
    /pluginSet/,
    /remove it from one/,
  ],
  ['a kubeconfig that is not base64', cluster({ kubeconfig: '%%%' }), /kubeconfig/, /base64 -w0/],
  ['a kubeconfig that is not YAML', cluster({ kubeconfig: base64('{a: [') }), /kubeconfig/, /not YAML/],
  ['a kubeconfig with exec', cluster({ kubeconfig: base64(execKubeconfig) }), /"exec"/, /inline/],
];

describe('kubectl apply refuses', () => {
  test.each(refused)('%s, naming the field and the remedy', async (_what, manifest, field, remedy) => {
    const { ok, stderr } = await tryApply(manifest);
    expect(ok, 'was accepted').toBe(false);
    expect(stderr).toMatch(field);
    expect(stderr).toMatch(remedy);
    expect(stderr).not.toMatch(/\bat .*\.ts:\d+/);
  });
});

describe('kubectl apply warns', () => {
  const missing: [string, object, string, RegExp][] = [
    [
      'a claim',
      { pluginSources: { yaml: { path: { pvPath: 'nowhere:/pv/a' } } } },
      'ClaimNotFound',
      /nowhere/,
    ],
    [
      'a node',
      { pluginSources: { yaml: { path: { hostPath: { path: '/opt/pinion/a', nodeName: 'nobody' } } } } },
      'NodeNotFound',
      /nobody/,
    ],
    [
      'a Secret',
      {
        pluginSources: {
          yaml: { path: { uri: 'https://h.example/a.yaml', secretRef: { name: 'nothing' } } },
        },
      },
      'SecretNotFound',
      /nothing/,
    ],
  ];
  test.each(missing)(
    'of %s that does not exist, and the status says so within 5 s',
    async (what, spec, reason, name) => {
      const id = reason.toLowerCase();
      const { ok, stderr } = await tryApply(aPlugin(namespace, id, spec));
      expect(ok, stderr).toBe(true);
      expect(stderr, what).toMatch(/^Warning: .*/m);
      expect(stderr).toMatch(name);
      await apply(aVirtualCluster(namespace, id, [id]));
      const plugin = await eventually(`${reason} in the status`, 5, async () => {
        const status = (await get<VirtualCluster>('vc', id, namespace))?.status;
        return status?.plugins?.find((candidate) => candidate.reason === reason);
      });
      expect(plugin.message).toMatch(name);
    },
  );

  test('of a plugin that does not exist, and the status says so within 5 s', async () => {
    const { ok, stderr } = await tryApply(aVirtualCluster(namespace, 'no-plugin', ['unheard-of']));
    expect(ok, stderr).toBe(true);
    expect(stderr).toMatch(/^Warning: .*unheard-of/m);
    await eventually('PluginNotFound in the status', 5, async () => {
      const status = (await get<VirtualCluster>('vc', 'no-plugin', namespace))?.status;
      return status?.conditions?.find(({ message }) => /unheard-of/.test(message));
    });
  });
});
