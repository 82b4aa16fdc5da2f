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
    'of a managed cluster are the defaults of both namespaces',
    {},
    ['team/audit', `${CATALOGUE_NAMESPACE}/dns`],
  ],
  ['of an existing cluster are the defaults of its own namespace', existing, ['team/audit']],
  [
    'of an existing cluster include an enabled plugin of the catalogue',
    { ...existing, pluginSet: { enabled: enabled('dns') } },
    ['team/audit', `${CATALOGUE_NAMESPACE}/dns`],
  ],
  [
    'include dependencies, from the own namespace first',
    { ...existing, pluginSet: { enabled: enabled('metrics') } },
    ['team/audit', `${CATALOGUE_NAMESPACE}/metrics`, 'team/proxy'],
  ],
  [
    'exclude all defaults when * is disabled',
    { pluginSet: { enabled: enabled('proxy'), disabled: [{ name: '*' }] } },
    ['team/proxy'],
  ],
  [
    'exclude a default that is disabled by name',
    { pluginSet: { disabled: [{ name: 'dns' }] } },
    ['team/audit'],
  ],
])('the plugins that resolvePluginSet returns %s', ([, spec, paths]) => {
  expect(resolve(spec).problems).toEqual([]);
  expect(resolve(spec).wanted.map((entry) => entry.plugin.metadata.uid)).toEqual(paths);
});

test.for<[string, VirtualClusterSpec, { reason: string; plugin: string }]>([
  [
    'that does not exist',
    { pluginSet: { enabled: enabled('unheard-of') } },
    { reason: 'PluginNotFound', plugin: 'unheard-of' },
  ],
  [
    'that is missing and a dependency',
    { pluginSet: { enabled: enabled('orphan') } },
    { reason: 'PluginNotFound', plugin: 'nothing' },
  ],
  [
    'that is disabled and a dependency',
    { pluginSet: { enabled: enabled('metrics'), disabled: [{ name: 'proxy' }] } },
    { reason: 'DependencyDisabled', plugin: 'proxy' },
  ],
])('resolvePluginSet reports a plugin %s', ([, spec, problem]) => {
  expect(resolve(spec).problems).toMatchObject([problem]);
});
