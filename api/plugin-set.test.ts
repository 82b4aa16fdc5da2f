import { expect, test } from 'vitest';
import { API_VERSION, CATALOGUE_NAMESPACE } from './contract/names.ts';
import type { VirtualClusterPlugin } from './kinds/objects.ts';
import type { VirtualClusterSpec } from './kinds/virtualcluster.ts';
import { resolvePluginSet } from './plugin-set.ts';

const existing: VirtualClusterSpec = { kubeconfigSecretRef: { name: 'target' } };

function plugin(path: string, spec: Partial<VirtualClusterPlugin['spec']> = {}): VirtualClusterPlugin {
  const [namespace = '', name = ''] = path.split('/');
  return {
    apiVersion: API_VERSION,
    kind: 'VirtualClusterPlugin',
    metadata: { namespace, name, uid: path },
    spec: { pluginSources: { yaml: { path: { pvPath: 'store:/pv' } } }, ...spec },
  };
}

const dependsOn = (...names: string[]) => ({ dependsOn: names.map((name) => ({ name })) });
const plugins = [
  plugin(`${CATALOGUE_NAMESPACE}/dns`, { default: true }),
  plugin(`${CATALOGUE_NAMESPACE}/metrics`, dependsOn('proxy')),
  plugin(`${CATALOGUE_NAMESPACE}/proxy`, { default: true }),
  plugin('team/audit', { default: true }),
  plugin('team/orphan', dependsOn('nothing')),
  plugin('team/proxy'),
  plugin('other/web', { default: true }),
];
const resolve = (spec: VirtualClusterSpec) => resolvePluginSet(spec, 'team', plugins);
const enabled = (...names: string[]) => names.map((name) => ({ name }));

test.for<[string, VirtualClusterSpec, string[]]>([
  [
    'one that Pinion makes has the defaults of both namespaces',
    {},
    ['team/audit', `${CATALOGUE_NAMESPACE}/dns`],
  ],
  ['one that exists has those of its own namespace', existing, ['team/audit']],
  [
    'one that exists can ask for one of the catalogue',
    { ...existing, pluginSet: { enabled: enabled('dns') } },
    ['team/audit', `${CATALOGUE_NAMESPACE}/dns`],
  ],
  [
    'what is depended on comes along, from its own namespace first',
    { ...existing, pluginSet: { enabled: enabled('metrics') } },
    ['team/audit', `${CATALOGUE_NAMESPACE}/metrics`, 'team/proxy'],
  ],
  [
    'a star drops the defaults',
    { pluginSet: { enabled: enabled('proxy'), disabled: [{ name: '*' }] } },
    ['team/proxy'],
  ],
  ['a default can be dropped by name', { pluginSet: { disabled: [{ name: 'dns' }] } }, ['team/audit']],
])('the plugins of a cluster: %s', ([, spec, paths]) => {
  expect(resolve(spec).problems).toEqual([]);
  expect(resolve(spec).wanted.map((one) => one.plugin.metadata.uid)).toEqual(paths);
});

test.for<[string, VirtualClusterSpec, { reason: string; plugin: string }]>([
  [
    'that does not exist',
    { pluginSet: { enabled: enabled('unheard-of') } },
    { reason: 'PluginNotFound', plugin: 'unheard-of' },
  ],
  [
    'that is depended on and does not exist',
    { pluginSet: { enabled: enabled('orphan') } },
    { reason: 'PluginNotFound', plugin: 'nothing' },
  ],
  [
    'that is depended on and disabled',
    { pluginSet: { enabled: enabled('metrics'), disabled: [{ name: 'proxy' }] } },
    { reason: 'DependencyDisabled', plugin: 'proxy' },
  ],
])('a plugin %s is a problem that names it', ([, spec, problem]) => {
  expect(resolve(spec).problems).toMatchObject([problem]);
});
