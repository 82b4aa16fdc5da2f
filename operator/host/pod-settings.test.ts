import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { NO_POD_SETTINGS, parsePodSettings } from './pod-settings.ts';

const WHERE = 'ConfigMap pinion-system/pinion-pod-settings';

test('pod settings are read from YAML, a key for each group of pods', () => {
  const executor = 'tolerations: [{ key: gpu, operator: Exists }]\nresources: { limits: { cpu: 1 } }';
  const controlPlane = 'containers: { etcd: { resources: { requests: { memory: 1Gi } } } }';
  const worker = 'labels: { team: a }';
  expect(parsePodSettings({ executor, controlPlane, worker }, WHERE)).toEqual({
    executor: { tolerations: [{ key: 'gpu', operator: 'Exists' }], resources: { limits: { cpu: '1' } } },
    controlPlane: { containers: { etcd: { resources: { requests: { memory: '1Gi' } } } } },
    worker: { labels: { team: 'a' } },
  });
});

test.for([{}, { executor: '' }, { worker: '# nothing yet\n' }])('pod settings %j change nothing', (data) => {
  expect(parsePodSettings(data, WHERE)).toEqual(NO_POD_SETTINGS);
});

test.for([
  [{ executors: '' }, 'the key executors is unknown; the keys are executor, controlPlane, worker'],
  [{ executor: 'resource: {}' }, 'executor: unknown field resource; remove it'],
  [{ executor: 'a: [' }, 'executor is not YAML: '],
  [{ executor: '- a' }, 'executor '],
  [
    { executor: 'resources: { limits: { cpu: lots } }' },
    'executor.resources.limits.cpu is not a quantity; give one like 500m or 1Gi',
  ],
  [
    { executor: 'resources: { requests: { cpu: 2 }, limits: { cpu: 1 } }' },
    'executor.resources.requests.cpu 2 is more than the limit 1; lower it, or raise the limit',
  ],
  [
    { controlPlane: 'containers: { etcd: { resources: { limits: { memory: -1 } } } }' },
    'controlPlane.containers.etcd.resources.limits.memory is not a quantity',
  ],
  [
    { worker: 'resources: { limits: { cpu: 1 } }' },
    'worker.resources must not set cpu and memory: each VirtualCluster sets those',
  ],
  [{ worker: 'labels: { team: yes }' }, 'worker.labels.team must be a label value'],
  [
    { executor: 'labels: { app.kubernetes.io/component: x }' },
    'executor.labels.app.kubernetes.io/component is set by Pinion or by Kubernetes; remove it',
  ],
  [
    { executor: 'annotations: { kosmos.io/digest: x }' },
    'executor.annotations.kosmos.io/digest is set by Pinion',
  ],
  [
    { worker: 'nodeSelector: { kubernetes.io/os: windows }' },
    'worker.nodeSelector must keep kubernetes.io/os: linux',
  ],
  [
    { executor: 'tolerations: [{ value: a }]' },
    'executor.tolerations.0 has no key, so its operator must be Exists',
  ],
  [
    { executor: 'tolerations: [{ key: a, effect: NoRun }]' },
    'executor.tolerations.0.effect must be NoSchedule, PreferNoSchedule or NoExecute',
  ],
  [{ executor: 'imagePullSecrets: [registry]' }, 'executor.imagePullSecrets.0 '],
  [{ executor: 'priorityClassName: High!' }, 'executor.priorityClassName must be the name of an object'],
] as const)('pod settings %j are refused, and the message names the field', ([data, message]) => {
  expect(() => parsePodSettings(data, WHERE)).toThrow(`${WHERE}: ${message}`);
});

test('the example in the docs is valid', () => {
  const page = readFileSync('docs/pod-settings.md', 'utf8');
  const [, yaml = ''] = /```yaml\n(apiVersion: v1\nkind: ConfigMap\n[\s\S]*?)```/.exec(page) ?? [];
  const { data } = load(yaml) as { data: Record<string, string> };
  expect(Object.keys(data)).toEqual(['executor', 'controlPlane', 'worker']);
  expect(parsePodSettings(data, WHERE).executor.resources?.limits).toHaveProperty('cpu');
});
