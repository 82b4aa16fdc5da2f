import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { fill } from './addons.ts';
import { layout, machineLayout } from './layout.ts';
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

test('the API server writes its audit log, of bounded size, into a folder that the host sees', () => {
  const unit = unitsFor(true, '10.210.7.10')['kube-apiserver.service'];
  expect(unit).toMatch(/--audit-policy-file=\S+ .*--audit-log-maxsize=100 --audit-log-maxbackup=1/);
  const path = /--audit-log-path=(\S+)/.exec(unit ?? '')?.[1] ?? '';
  expect(machineLayout('control-plane').binds[dirname(layout.auditLog)]).toBe(dirname(path));
  expect(Object.values(machineLayout('worker-1').binds)).not.toContain(dirname(path));
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
