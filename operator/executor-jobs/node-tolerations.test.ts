import { expect, test } from 'vitest';
import { tolerationsOf } from './node-tolerations.ts';

const [NoSchedule, NoExecute] = ['NoSchedule', 'NoExecute'] as const;

test.for([
  ['a node without taints', undefined, []],
  [
    'a control plane node',
    [{ key: 'node-role.kubernetes.io/control-plane', effect: NoSchedule }],
    [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: NoSchedule }],
  ],
  [
    'a dedicated node',
    [{ key: 'example.com/dedicated', value: 'gpu', effect: NoExecute }],
    [{ key: 'example.com/dedicated', operator: 'Equal', value: 'gpu', effect: NoExecute }],
  ],
  [
    'a taint with an empty value',
    [{ key: 'CriticalAddonsOnly', value: '', effect: NoSchedule }],
    [{ key: 'CriticalAddonsOnly', operator: 'Exists', effect: NoSchedule }],
  ],
  [
    'a cordoned node, which wants no new pods',
    [{ key: 'node.kubernetes.io/unschedulable', effect: NoSchedule }],
    [],
  ],
  ['a node that is not ready', [{ key: 'node.kubernetes.io/not-ready', effect: NoExecute }], []],
  [
    'a node of a cloud that is starting',
    [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: NoSchedule }],
    [],
  ],
  ['a taint that only asks others to stay away', [{ key: 'a', effect: 'PreferNoSchedule' }], []],
] as const)('the tolerations for %s', ([, taints, expected]) => {
  expect(tolerationsOf(taints && [...taints])).toEqual(expected);
});
