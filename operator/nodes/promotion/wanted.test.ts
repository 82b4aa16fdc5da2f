import { expect, test } from 'vitest';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import { type Candidate, wantedNodes } from './wanted.ts';

const POOL = { matchLabels: { pool: 'a' } };
const inPool = (name: string, message?: string): Candidate => ({
  name,
  labels: { pool: 'a' },
  ...(message && { ineligibility: { reason: 'X', message } }),
});
const candidates = [inPool('a1', 'a1 is taken'), inPool('a2'), inPool('a3'), { name: 'b1', labels: {} }];
const policy = (nodeCount: number) => ({ promotePolicies: [{ labelSelector: POOL, nodeCount }] });
const promoted = (...names: string[]) =>
  names.map((name) => ({ name, kind: 'Promoted' as const, step: 'Ready', phase: 'Ready' as const }));

test.each<[string, VirtualClusterSpec, ReturnType<typeof promoted>, string[]]>([
  [
    'takes nodes from both lists of names',
    { promoteResources: { nodes: ['x'], nodeInfos: [{ nodeName: 'y' }] } },
    [],
    ['x', 'y'],
  ],
  ['takes nodeCount nodes from a pool', policy(1), [], ['a2']],
  ['keeps a node that was promoted from the pool', policy(1), promoted('a3'), ['a3']],
  ['keeps a promoted node that has become ineligible', policy(1), promoted('a1'), ['a1']],
  [
    'does not count a named node for a pool',
    { ...policy(1), promoteResources: { nodes: ['a2'] } },
    [],
    ['a2', 'a3'],
  ],
  ['returns nodes when nodeCount shrinks', policy(1), promoted('a2', 'a3'), ['a2']],
  ['takes no node from a pool without nodeCount', { promotePolicies: [{ labelSelector: POOL }] }, [], []],
])('wantedNodes %s', (_sentence, spec, recorded, names) => {
  expect(wantedNodes({ spec }, recorded, candidates).names).toEqual(names);
});

test('wantedNodes says why a pool has too few eligible nodes', () => {
  const { names, shortage } = wantedNodes({ spec: policy(3) }, [], candidates);
  expect(names).toEqual(['a2', 'a3']);
  expect(shortage?.message).toMatch(/has 2 of 3 nodes that can be promoted \(a1 is taken\)/);
});
