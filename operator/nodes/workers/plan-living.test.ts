import { describe, expect, test } from 'vitest';
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

/** The plan for the one wanted worker `a`. */
const planFor = (workers: Workers) => planWorkers(workersObservation({ wanted: ['a'], ...workers }));

describe('planWorkers, for a worker whose pod runs,', () => {
  test.for<[string, Workers, { acts: string[]; phase: string; settled?: boolean }]>([
    [
      'keeps the token valid until the worker joins',
      { pods: [aPod('a')], recorded: [recordedAs('a', 'Pending')] },
      { acts: ['renewToken a'], phase: 'Joining' },
    ],
    [
      'revokes the token when the worker becomes Ready',
      { pods: [aPod('a')], nodes: [aNode('a')], recorded: [recordedAs('a', 'Joining')] },
      { acts: ['revokeToken a'], phase: 'Ready', settled: true },
    ],
    [
      'does nothing when the worker was Ready before',
      { pods: [aPod('a')], nodes: [aNode('a')], recorded: [recordedAs('a', 'Ready')] },
      { acts: [], phase: 'Ready', settled: true },
    ],
    [
      'reports NotReady when the worker was Ready before',
      { pods: [aPod('a')], nodes: [aNode('a', 'Unknown')], recorded: [recordedAs('a', 'Ready')] },
      { acts: [], phase: 'NotReady' },
    ],
    [
      'recreates a pod that no node has taken when the settings of worker pods have changed',
      { pods: [aPod('a', { status: unschedulable })], settings: 'new' },
      { acts: ['remove a'], phase: 'Pending' },
    ],
    [
      'waits for a pod that was created with these settings',
      { pods: [aPod('a', { status: unschedulable, settings: 'new' })], settings: 'new' },
      { acts: ['renewToken a'], phase: 'Pending' },
    ],
    [
      'waits a minute for a Node that was deleted in the tenant',
      { pods: [aPod('a')], recorded: [recordedAs('a', 'NotReady', { since: secondsAgo(900) })] },
      { acts: ['renewToken a'], phase: 'NotReady' },
    ],
    [
      'waits a minute for a deleted Node that was never Ready, too',
      { pods: [aPod('a')], recorded: [recordedAs('a', 'Joining', { step: 'Wait' })] },
      { acts: ['renewToken a'], phase: 'NotReady' },
    ],
    [
      'replaces the worker when its Node has been missing for a minute',
      {
        pods: [aPod('a', { age: 300 })],
        recorded: [recordedAs('a', 'NotReady', { step: 'Register', since: secondsAgo(90) })],
      },
      { acts: ['remove a'], phase: 'NotReady' },
    ],
  ])('%s', ([, workers, { acts, phase, settled = false }]) => {
    const plan = planFor(workers);
    expect(plan.acts.map(inShort)).toEqual(acts);
    expect(plan.nodes.map((status) => status.phase)).toEqual([phase]);
    expect(plan.settled).toBe(settled);
  });

  test('keeps the start of a step while the step lasts', () => {
    const [status] = planFor({ pods: [aPod('a')], recorded: [recordedAs('a', 'Joining')] }).nodes;
    expect(status).toMatchObject({ since: secondsAgo(20), reason: 'NodeNotJoined' });
  });

  test.each([
    [9, 'Starting'],
    [11, 'Unschedulable'],
  ])('reports a pod that fits nowhere after %i s as %s', (age, reason) => {
    const pods = [aPod('a', { age, status: unschedulable })];
    expect(planFor({ pods }).nodes[0]?.reason).toBe(reason);
  });

  test('reports a node that is not Ready with the message of its kubelet', () => {
    const nodes = [aNode('a', 'False', 'cni plugin not initialized')];
    const [status] = planFor({ pods: [aPod('a')], nodes }).nodes;
    expect(status?.message).toBe('node a is not Ready: cni plugin not initialized');
  });
});
