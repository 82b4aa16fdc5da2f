import { expect, test } from 'vitest';
import { podSettingsHash, withPodSettings } from './with-pod-settings.ts';

const pod = () => ({
  metadata: { name: 'p', labels: { own: 'a' } },
  spec: {
    restartPolicy: 'Never',
    tolerations: [{ key: 'own', operator: 'Exists' }],
    containers: [{ name: 'etcd', resources: { requests: { cpu: '20m', memory: '64Mi' } } }, { name: 'b' }],
  },
});

test('without settings a pod asks for Linux nodes, and nothing else changes', () => {
  const { spec, ...rest } = pod();
  expect(withPodSettings(pod(), {})).toEqual({
    ...rest,
    spec: { ...spec, nodeSelector: { 'kubernetes.io/os': 'linux' } },
  });
});

test('settings are added to what a pod has, and what Pinion needs itself stays', () => {
  const settings = {
    labels: { own: 'b', team: 'c' },
    annotations: { a: 'b' },
    nodeSelector: { pool: 'x' },
    tolerations: [{ key: 'gpu' }],
    priorityClassName: 'high',
    imagePullSecrets: [{ name: 'registry' }],
  };
  expect(withPodSettings(pod(), settings)).toMatchObject({
    metadata: { name: 'p', labels: { own: 'a', team: 'c' }, annotations: { a: 'b' } },
    spec: {
      restartPolicy: 'Never',
      nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'x' },
      tolerations: [{ key: 'own', operator: 'Exists' }, { key: 'gpu' }],
      priorityClassName: 'high',
      imagePullSecrets: [{ name: 'registry' }],
    },
  });
});

test.for([
  [
    'a limit for every container',
    { resources: { limits: { cpu: '1' } } },
    { requests: { cpu: '20m', memory: '64Mi' }, limits: { cpu: '1' } },
    { requests: {}, limits: { cpu: '1' } },
  ],
  [
    'a limit below the default request, which it lowers',
    { resources: { limits: { memory: '32Mi' } } },
    { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '32Mi' } },
    { requests: {}, limits: { memory: '32Mi' } },
  ],
  [
    'a container of its own, before the group',
    {
      resources: { requests: { cpu: '1' } },
      containers: { etcd: { resources: { requests: { cpu: '2' } } } },
    },
    { requests: { cpu: '2', memory: '64Mi' } },
    { requests: { cpu: '1' } },
  ],
] as const)('resources are merged for %s', ([, settings, etcd, other]) => {
  const { containers } = withPodSettings(pod(), settings).spec;
  expect(containers.map(({ resources }) => resources)).toEqual([etcd, other]);
});

test('a hash tells settings apart, whatever the order of their fields', () => {
  expect(podSettingsHash({})).toBeUndefined();
  const one = podSettingsHash({ labels: { a: '1' }, priorityClassName: 'x' });
  expect(podSettingsHash({ priorityClassName: 'x', labels: { a: '1' } })).toBe(one);
  expect(podSettingsHash({ priorityClassName: 'y', labels: { a: '1' } })).not.toBe(one);
});
