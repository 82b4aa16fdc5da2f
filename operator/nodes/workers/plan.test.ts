import { describe, expect, test } from 'vitest';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import {
  aNode,
  aPod,
  inShort,
  recordedAs,
  secondsAgo,
  unschedulable,
  type Workers,
  workersObservation,
} from '#test/observed-workers.ts';
import { planWorkers } from './plan.ts';

const allReady = (...names: string[]): Required<Pick<Workers, 'pods' | 'nodes' | 'recorded'>> => ({
  pods: names.map((name) => aPod(name)),
  nodes: names.map((name) => aNode(name)),
  recorded: names.map((name) => recordedAs(name, 'Ready')),
});

type Row = [string, Workers, { acts: string[]; phases: Record<string, string>; settled?: boolean }];

describe('planWorkers', () => {
  test.for<Row>([
    [
      'creates all workers of a new cluster at once',
      { wanted: ['a', 'b'] },
      { acts: ['create a', 'create b'], phases: { a: 'Pending', b: 'Pending' } },
    ],
    [
      'removes an ended pod and its node before it creates another',
      { wanted: ['a'], pods: [aPod('a', { status: { phase: 'Failed' } })], nodes: [aNode('a', 'Unknown')] },
      { acts: ['remove a'], phases: { a: 'Pending' } },
    ],
    [
      'removes the node of a lost pod before it creates another',
      { wanted: ['a'], nodes: [aNode('a', 'Unknown')], recorded: [recordedAs('a', 'Ready')] },
      { acts: ['remove a'], phases: { a: 'Pending' } },
    ],
    [
      'begins a change of size with one new worker and drains no old one',
      { wanted: ['c', 'd'], ...allReady('a', 'b') },
      { acts: ['create c'], phases: { a: 'Ready', b: 'Ready', c: 'Pending', d: 'Pending' } },
    ],
    [
      'drains the first old worker when the first new one is Ready',
      { wanted: ['c', 'd'], ...allReady('a', 'b', 'c') },
      { acts: ['drain a'], phases: { a: 'Leaving', b: 'Ready', c: 'Ready', d: 'Pending' } },
    ],
    [
      'drains one old worker at a time',
      {
        wanted: ['c', 'd'],
        ...allReady('a', 'b', 'c'),
        recorded: [
          recordedAs('a', 'Leaving', { step: 'Drain' }),
          recordedAs('b', 'Ready'),
          recordedAs('c', 'Ready'),
        ],
      },
      { acts: ['drain a'], phases: { a: 'Leaving', b: 'Ready', c: 'Ready', d: 'Pending' } },
    ],
    [
      'drains all surplus workers at once when fewer are wanted',
      { wanted: ['a'], ...allReady('a', 'b', 'c') },
      { acts: ['drain b', 'drain c'], phases: { a: 'Ready', b: 'Leaving', c: 'Leaving' } },
    ],
    [
      'forces a drain that takes longer than two minutes',
      {
        ...allReady('a'),
        recorded: [recordedAs('a', 'Leaving', { step: 'Drain', since: secondsAgo(121) })],
      },
      { acts: ['force a'], phases: { a: 'Leaving' } },
    ],
    [
      'removes a worker whose drain takes longer than four minutes',
      {
        ...allReady('a'),
        recorded: [recordedAs('a', 'Leaving', { step: 'Drain', since: secondsAgo(241) })],
      },
      { acts: ['remove a'], phases: { a: 'Leaving' } },
    ],
    [
      'forces the drain of a surplus worker whose kubelet is silent',
      { ...allReady('a'), nodes: [aNode('a', 'Unknown')] },
      { acts: ['force a'], phases: { a: 'Leaving' } },
    ],
    [
      'removes a surplus worker that never joined without a drain',
      { wanted: ['b'], pods: [aPod('a')], recorded: [recordedAs('a', 'Joining')] },
      { acts: ['create b', 'remove a'], phases: { a: 'Leaving', b: 'Pending' } },
    ],
    [
      'gives up a Node that the tenant’s owner holds for more than four minutes',
      {
        nodes: [aNode('a', 'Unknown')],
        recorded: [recordedAs('a', 'Leaving', { step: 'Remove', since: secondsAgo(300) })],
      },
      { acts: [], phases: {}, settled: true },
    ],
    [
      'leaves out a worker that is gone',
      { recorded: [recordedAs('a', 'Leaving', { step: 'Remove' })] },
      { acts: [], phases: {}, settled: true },
    ],
    [
      'ignores a Node that the tenant’s owner created',
      { nodes: [aNode('other-worker-0a1b2c')] },
      { acts: [], phases: {}, settled: true },
    ],
  ])('%s', ([, workers, { acts, phases, settled = false }]) => {
    const plan = planWorkers(workersObservation(workers));
    expect(plan.acts.map(inShort)).toEqual(acts);
    expect(Object.fromEntries(plan.nodes.map(({ name, phase }) => [name, phase]))).toEqual(phases);
    expect(plan.settled).toBe(settled);
  });

  test('puts a step into the journal when it begins, and not again while it lasts', () => {
    const { journal } = planWorkers(workersObservation(allReady('a')));
    expect(journal).toMatchObject([{ name: 'a', phase: 'Leaving', step: 'Drain', since: secondsAgo(0) }]);
    const next = planWorkers(workersObservation({ ...allReady('a'), recorded: journal }));
    expect(next.journal).toEqual([]);
  });

  test('records nothing for a Node that the tenant’s owner created', () => {
    const { journal } = planWorkers(workersObservation({ nodes: [aNode('other-worker-0a1b2c')] }));
    expect(journal).toEqual([]);
  });

  test.each<[number, NodeStatus['phase'], string[]]>([
    [29, 'Ready', ['renewToken c']],
    [31, 'Ready', ['renewToken c', 'drain a']],
    [31, 'Leaving', ['renewToken c', 'drain b']],
  ])(
    'drains one old worker for a new one that is unschedulable for %i s while another is %s',
    (age, phase, acts) => {
      const other = phase === 'Leaving' ? { phase, step: 'Drain' } : {};
      const workers = {
        wanted: ['c', 'd'],
        pods: [aPod('a'), aPod('b'), aPod('c', { age, status: unschedulable })],
        nodes: [aNode('a'), aNode('b')],
        recorded: [recordedAs('a', 'Ready'), recordedAs('b', 'Ready', other)],
      };
      expect(planWorkers(workersObservation(workers)).acts.map(inShort)).toEqual(acts);
    },
  );
});
