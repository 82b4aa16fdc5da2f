import { expect, test } from 'vitest';
import { ANNOTATION, API_VERSION } from '#api/contract/names.ts';
import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';
import { locateSources } from '#api/payloads/locate-sources.ts';
import { anExecutorJob } from '#test/builders/executor-job.ts';
import { injectSources } from './mutations/index.ts';
import { slimPlugin } from './plugin-reader.ts';

const settings = { allowHostPaths: ['/opt'], allowSourceCidrs: [], sourceSecureLoose: false };
const LARGE = 'x'.repeat(100_000);

function plugin(spec: VirtualClusterPluginSpec): VirtualClusterPlugin {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': LARGE };
  const managedFields = [{ manager: LARGE }];
  const metadata = { name: 'web', namespace: 'team-a', uid: 'u1', generation: 3, resourceVersion: '9' };
  return {
    apiVersion: API_VERSION,
    kind: 'VirtualClusterPlugin',
    metadata: { ...metadata, annotations, managedFields } as VirtualClusterPlugin['metadata'],
    spec,
  };
}

const plugins: [string, VirtualClusterPluginSpec][] = [
  [
    'a chart from a repository, with values, a file of values and credentials',
    {
      timeout: '3m',
      pluginSources: {
        chart: {
          name: 'web',
          repo: 'https://charts.example.com/stable',
          version: '1.2.3',
          secretRef: { name: 'credentials' },
          values: { motd: LARGE },
          valuesFile: { hostPath: { path: '/opt/values/web.yaml', nodeName: 'n1' } },
        },
      },
    },
  ],
  ['a chart of a claim', { pluginSources: { chart: { storage: { pvPath: 'store:/pv' }, values: LARGE } } }],
  ['manifests', { pluginSources: { yaml: { path: { uri: 'https://example.com/web.yaml' } } } }],
  ['a kustomization', { pluginSources: { kustomize: { path: { hostPath: '/opt/web' } } } }],
];

test.each(plugins)('slimPlugin keeps all that the injection of %s needs', (_what, spec) => {
  const job = anExecutorJob({ annotations: { [ANNOTATION.plugin]: 'web' } });
  const injected = (of: VirtualClusterPlugin) =>
    injectSources(job, { plugin: of, locations: locateSources(of.spec, settings), settings });
  const whole = plugin(spec);
  const slim = slimPlugin(whole);
  expect(injected(slim)).toEqual(injected(whole));
  expect(slim.metadata).toMatchObject({ uid: 'u1', generation: 3, resourceVersion: '9' });
  expect(JSON.stringify(slim).length).toBeLessThan(1000);
});
