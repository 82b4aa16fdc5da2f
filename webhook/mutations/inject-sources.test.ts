import { expect, test } from 'vitest';
import { FETCH_ENVIRONMENT } from '#api/contract/job.ts';
import { ANNOTATION } from '#api/contract/names.ts';
import { fetchOrder } from '#api/contract/work-order.ts';
import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';
import { locateSources } from '#api/payloads/locate-sources.ts';
import type { Settings } from '#api/settings.ts';
import { anExecutorJob } from '#test/builders/executor-job.ts';
import type { Container, Job } from '../job.ts';
import { injectSources } from './index.ts';

const settings: Settings = {
  allowHostPaths: ['/opt'],
  allowSourceCidrs: ['10.0.0.0/8'],
  sourceSecureLoose: false,
};

function inject(pluginSources: VirtualClusterPluginSpec['pluginSources'], job: Job = anExecutorJob({})): Job {
  const plugin: VirtualClusterPlugin = {
    apiVersion: 'kosmos.io/v1alpha1',
    kind: 'VirtualClusterPlugin',
    metadata: { name: 'web', namespace: 'team-a', uid: 'u', generation: 7 },
    spec: { pluginSources, timeout: '90s' },
  };
  return injectSources(job, { plugin, locations: locateSources(plugin.spec, settings), settings });
}

const podOf = (job: Job) => job.spec.template.spec;
const executorOf = (job: Job) => podOf(job).containers[0];
/** What was added to the bare Job. */
const volumesOf = (job: Job) => podOf(job).volumes?.slice(3);
const mountsOf = (job: Job) => executorOf(job)?.volumeMounts?.slice(3);

const claim = { pvPath: 'store:/pv/web' };
const host = { hostPath: { path: '/opt/web', nodeName: 'worker-1' } };
const uri = { uri: 'https://h.example/web.tgz' };
const chart = '/run/pinion/sources/chart';
const emptyDir = { sizeLimit: '256Mi' };

/** Slot, sources, the volume and the path of its mount. */
const slots: [string, VirtualClusterPluginSpec['pluginSources'], object, string][] = [
  [
    'a chart of a claim',
    { chart: { storage: claim } },
    { name: 'source-chart', persistentVolumeClaim: { claimName: 'store' } },
    chart,
  ],
  [
    'a chart of a host',
    { chart: { storage: host } },
    { name: 'source-chart', hostPath: { path: '/opt/web', type: 'Directory' } },
    chart,
  ],
  ['a chart of a uri', { chart: { storage: uri } }, { name: 'source-chart', emptyDir }, chart],
  [
    'a chart of a repository',
    { chart: { repo: 'https://h.example', name: 'web' } },
    { name: 'source-chart', emptyDir },
    chart,
  ],
  [
    'a chart of a registry',
    { chart: { repo: 'oci://h.example/web' } },
    { name: 'source-chart', emptyDir },
    chart,
  ],
  [
    'manifests of a claim',
    { yaml: { path: claim } },
    { name: 'source-yaml', persistentVolumeClaim: { claimName: 'store' } },
    '/run/pinion/sources/yaml',
  ],
  [
    'a manifest of a host',
    { yaml: { path: { hostPath: '/opt/web/a.yaml' } } },
    { name: 'source-yaml', hostPath: { path: '/opt/web', type: 'Directory' } },
    '/run/pinion/sources/yaml',
  ],
  [
    'manifests of a uri',
    { yaml: { path: uri } },
    { name: 'source-yaml', emptyDir },
    '/run/pinion/sources/yaml',
  ],
  [
    'a kustomization of a claim',
    { kustomize: { path: claim } },
    { name: 'source-kustomize', persistentVolumeClaim: { claimName: 'store' } },
    '/run/pinion/sources/kustomize',
  ],
  [
    'a kustomization of a host',
    { kustomize: { path: host } },
    { name: 'source-kustomize', hostPath: { path: '/opt/web', type: 'Directory' } },
    '/run/pinion/sources/kustomize',
  ],
  [
    'a kustomization of a uri',
    { kustomize: { path: uri } },
    { name: 'source-kustomize', emptyDir },
    '/run/pinion/sources/kustomize',
  ],
];

test.each(slots)(
  'injectSources mounts %s read-only into the executor',
  (_what, sources, volume, mountPath) => {
    const job = inject(sources);
    const { name } = volume as { name: string };
    expect(volumesOf(job)).toEqual([volume]);
    expect(mountsOf(job)).toEqual([{ name, mountPath, readOnly: true }]);
  },
);

const valuesFiles: [string, object, object][] = [
  [
    'another claim',
    { pvPath: 'other:/pv/v.yaml' },
    { name: 'source-values-file', persistentVolumeClaim: { claimName: 'other' } },
  ],
  [
    'a host',
    { hostPath: '/opt/v.yaml' },
    { name: 'source-values-file', hostPath: { path: '/opt', type: 'Directory' } },
  ],
  ['a uri', { uri: 'https://h.example/v.yaml' }, { name: 'source-values-file', emptyDir }],
];

test.each(valuesFiles)(
  'injectSources gives a file of values of %s a volume of its own',
  (_what, valuesFile, volume) => {
    const job = inject({ chart: { storage: claim, valuesFile } });
    expect(volumesOf(job)?.[1]).toEqual(volume);
    expect(mountsOf(job)?.[1]).toEqual({
      name: 'source-values-file',
      mountPath: '/run/pinion/sources/values-file',
      readOnly: true,
    });
  },
);

test('injectSources shares the volume of two sources of one claim', () => {
  const job = inject({ chart: { storage: claim, valuesFile: { pvPath: 'store:/pv/v.yaml' } } });
  expect(volumesOf(job)).toHaveLength(1);
  expect(mountsOf(job)).toEqual([
    { name: 'source-chart', mountPath: chart, readOnly: true },
    { name: 'source-chart', mountPath: '/run/pinion/sources/values-file', readOnly: true },
  ]);
});

test('injectSources uses no subPath, which the kubelet would create when it is missing', () => {
  for (const [, sources] of slots) expect(JSON.stringify(inject(sources))).not.toContain('subPath');
});

test('injectSources adds neither volume, mount nor fetch container for a package of the catalogue', () => {
  const job = inject({ chart: { storage: { uri: 'file:///catalogue/coredns' } } });
  expect(podOf(job)).toEqual(podOf(anExecutorJob({})));
});

test('injectSources mounts a file of values beside a package of the catalogue', () => {
  const job = inject({ chart: { storage: { uri: 'file:///catalogue/coredns' }, valuesFile: claim } });
  expect(mountsOf(job)).toMatchObject([{ mountPath: '/run/pinion/sources/values-file' }]);
});

test('injectSources adds no fetch container for claims and host paths', () => {
  expect(podOf(inject({ chart: { storage: claim, valuesFile: host } })).initContainers).toBeUndefined();
});

test('injectSources adds a fetch container that is confined like the executor', () => {
  const job = inject({
    chart: { repo: 'https://h.example', name: 'web', version: '1.2.0', valuesFile: uri },
  });
  const [fetch] = podOf(job).initContainers ?? [];
  const { image, securityContext, resources } = executorOf(job) as Container;
  expect(fetch).toMatchObject({ name: 'fetch', args: ['fetch'], image, securityContext, resources });
  expect(fetch?.volumeMounts).toEqual([
    { name: 'scratch', mountPath: '/tmp' },
    { name: 'source-chart', mountPath: chart },
    { name: 'source-values-file', mountPath: '/run/pinion/sources/values-file' },
  ]);
  const order = fetchOrder.parse(
    JSON.parse(fetch?.env?.find(({ name }) => name === FETCH_ENVIRONMENT)?.value ?? ''),
  );
  expect(order).toEqual({
    version: 1,
    timeoutMs: 90_000,
    allowSourceCidrs: ['10.0.0.0/8'],
    sourceSecureLoose: false,
    items: [
      {
        kind: 'repository',
        slot: 'chart',
        repo: 'https://h.example',
        name: 'web',
        version: '1.2.0',
        credentials: false,
      },
      { kind: 'uri', slot: 'values-file', uri: uri.uri, credentials: false },
    ],
  });
});

test('injectSources mounts credentials into the fetch container only', () => {
  const job = inject({ yaml: { path: { ...uri, secretRef: { name: 'login' } } } });
  expect(volumesOf(job)).toContainEqual({
    name: 'credentials-yaml',
    secret: { secretName: 'login', defaultMode: 0o444 },
  });
  expect(podOf(job).initContainers?.[0]?.volumeMounts).toContainEqual({
    name: 'credentials-yaml',
    mountPath: '/run/pinion/credentials/yaml',
    readOnly: true,
  });
  expect(JSON.stringify(executorOf(job))).not.toContain('credentials');
});

const termsOf = (job: Job) =>
  podOf(job).affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
const field = (node: string) => ({ key: 'metadata.name', operator: 'In', values: [node] });

test('injectSources requires the node of a host path', () => {
  expect(termsOf(inject({ yaml: { path: host } }))).toEqual([{ matchFields: [field('worker-1')] }]);
});

test('injectSources requires no node for a host path without nodeName', () => {
  expect(podOf(inject({ yaml: { path: { hostPath: '/opt/web' } } })).affinity).toBeUndefined();
});

test('injectSources adds the node to each alternative of an existing affinity', () => {
  const zone = (name: string) => ({ matchExpressions: [{ key: 'zone', operator: 'In', values: [name] }] });
  const affinity = {
    podAffinity: {},
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [zone('a'), zone('b')] },
    },
  };
  const job = inject({ yaml: { path: host } }, anExecutorJob({ spec: { affinity } }));
  expect(podOf(job).affinity).toMatchObject({ podAffinity: {} });
  expect(termsOf(job)).toEqual([
    { ...zone('a'), matchFields: [field('worker-1')] },
    { ...zone('b'), matchFields: [field('worker-1')] },
  ]);
});

test('injectSources records the generation of the plugin', () => {
  const job = inject({ yaml: { path: claim } }, anExecutorJob({ annotations: { other: 'stays' } }));
  expect(job.metadata.annotations).toEqual({ other: 'stays', [ANNOTATION.injectedGeneration]: '7' });
});

test.each([
  ...slots,
  [
    'credentials',
    { yaml: { path: { ...uri, secretRef: { name: 'login' } } } },
    {},
    '',
  ] as (typeof slots)[number],
])('injectSources applied twice to %s changes nothing more', (_what, sources) => {
  const once = inject(sources);
  expect(inject(sources, once)).toEqual(once);
});

test('injectSources does not change its argument', () => {
  const bare = anExecutorJob({});
  const before = structuredClone(bare);
  inject({ chart: { repo: 'https://h.example', name: 'web', valuesFile: host } }, bare);
  expect(bare).toEqual(before);
});
