import { expect, test } from 'vitest';
import { fill } from './addons.ts';
import { kubeletConfig } from './settings.ts';
import { unitsFor } from './units.ts';

test('a worker runs no part of the control plane', () => {
  expect(Object.keys(unitsFor(false, '10.210.7.11'))).toEqual([
    'prepare.service',
    'kubelet.service',
    'kube-proxy.service',
  ]);
  expect(Object.keys(unitsFor(true, '10.210.7.10'))).toContain('kube-apiserver.service');
});

test.each([
  ['control-plane', 'keeps pods away', ['node-role.kubernetes.io/control-plane:NoSchedule']],
  ['worker-1', 'takes any pod', []],
  ['worker-3', 'takes pods last', ['kosmos.io/spare:PreferNoSchedule']],
] as const)('%s %s', (machine, _sentence, taints) => {
  expect(kubeletConfig(machine).registerWithTaints.map(({ key, effect }) => `${key}:${effect}`)).toEqual(
    taints,
  );
});

test('a manifest that names something unknown is an error', () => {
  expect(fill('image: ${BASE}', { BASE: 'x' })).toBe('image: x');
  expect(() => fill('image: ${BASSE}', { BASE: 'x' })).toThrow(/BASSE/);
});
