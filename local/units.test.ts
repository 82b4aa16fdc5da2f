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

test('only the control plane is tainted', () => {
  expect(kubeletConfig(true)).toHaveProperty('registerWithTaints');
  expect(kubeletConfig(false)).not.toHaveProperty('registerWithTaints');
});

test('a manifest that names something unknown is an error', () => {
  expect(fill('image: ${BASE}', { BASE: 'x' })).toBe('image: x');
  expect(() => fill('image: ${BASSE}', { BASE: 'x' })).toThrow(/BASSE/);
});
