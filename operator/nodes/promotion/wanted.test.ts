import { expect, test } from 'vitest';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import { type Candidate, wantedNodes } from './wanted.ts';

const POOL = { matchLabels: { pool: 'a' } };
const inPool = (name: string, obstacle?: string): Candidate => ({
  name,
  labels: { pool: 'a' },
  ...(obstacle && { obstacle: { reason: 'X', message: obstacle } }),
});
const candidates = [inPool('a1', 'it is taken'), inPool('a2'), inPool('a3'), { name: 'b1', labels: {} }];
const policy = (nodeCount: number) => ({ promotePolicies: [{ labelSelector: POOL, nodeCount }] });
const held = (...names: string[]) =>
  names.map((name) => ({ name, kind: 'Promoted' as const, step: 'Ready', phase: 'Ready' as const }));

test.each<[string, VirtualClusterSpec, ReturnType<typeof held>, string[]]>([
  [
    'nodes are named in two ways',
    { promoteResources: { nodes: ['x'], nodeInfos: [{ nodeName: 'y' }] } },
    [],
    ['x', 'y'],
  ],
  ['a pool gives as many as are counted', policy(1), [], ['a2']],
  ['those that it gave it goes on giving', policy(1), held('a3'), ['a3']],
  ['one that was taken from it stays, though it can not be taken again', policy(1), held('a1'), ['a1']],
  [
    'one that is named counts for no pool',
    { ...policy(1), promoteResources: { nodes: ['a2'] } },
    [],
    ['a2', 'a3'],
  ],
  ['a smaller count gives nodes back', policy(1), held('a2', 'a3'), ['a2']],
  ['no count asks for none', { promotePolicies: [{ labelSelector: POOL }] }, [], []],
])('%s', (_name, spec, recorded, names) => {
  expect(wantedNodes({ spec }, recorded, candidates).names).toEqual(names);
});

test('a pool that has too few says what is in the way', () => {
  const { names, shortage } = wantedNodes({ spec: policy(3) }, [], candidates);
  expect(names).toEqual(['a2', 'a3']);
  expect(shortage?.message).toMatch(/has 2 of 3 nodes that can be taken \(it is taken\)/);
});
