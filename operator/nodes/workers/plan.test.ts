import { expect, test } from 'vitest';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Node, Pod } from '#kube/resources.ts';
import { planWorkers } from './plan.ts';
import type { WorkerAct, WorkersObservation } from './step.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const secondsAgo = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
const size = { cpuMillis: 1000, memoryBytes: 2 ** 30 };

const metadata = (name: string) => ({ namespace: 'shops', name, uid: `uid-${name}` });
const aPod = (name: string, more: Partial<Pod> & { age?: number; leaving?: boolean } = {}): Pod => ({
  metadata: {
    ...metadata(name),
    creationTimestamp: secondsAgo(more.age ?? 5),
    ...(more.leaving ? { deletionTimestamp: secondsAgo(0) } : {}),
  },
  status: more.status ?? { phase: 'Running' },
});
const aNode = (name: string, status: 'True' | 'False' | 'Unknown' = 'True', message = ''): Node => ({
  metadata: { ...metadata(name), namespace: '' },
  status: { conditions: [{ type: 'Ready', status, message }] },
});
const anEntry = (name: string, phase: NodeStatus['phase'], more: Partial<NodeStatus> = {}): NodeStatus => ({
  name,
  kind: 'Worker',
  ...(phase ? { phase } : {}),
  since: secondsAgo(20),
  ...more,
});

function scene(given: {
  wanted?: string[];
  pods?: Pod[];
  nodes?: Node[];
  recorded?: NodeStatus[];
}): WorkersObservation {
  const byName = <T extends { metadata: { name: string } }>(items: T[] = []) =>
    new Map(items.map((item) => [item.metadata.name, item]));
  return {
    wanted: (given.wanted ?? []).map((name) => ({ name, size })),
    pods: byName(given.pods),
    nodes: byName(given.nodes),
    recorded: new Map((given.recorded ?? []).map((entry) => [entry.name, entry])),
    now: NOW,
  };
}
const short = (act: WorkerAct): string => {
  switch (act.kind) {
    case 'create':
      return `create ${act.worker.name}`;
    case 'drain':
      return `${act.force ? 'force' : 'drain'} ${act.name}`;
    case 'admit':
    case 'joined':
    case 'remove':
      return `${act.kind} ${act.name}`;
  }
};

type Row = [
  string,
  Parameters<typeof scene>[0],
  { acts: string[]; phases: Record<string, string>; settled?: boolean },
];

test.for<Row>([
  [
    'all workers of a new cluster begin at once',
    { wanted: ['a', 'b'] },
    { acts: ['create a', 'create b'], phases: { a: 'Pending', b: 'Pending' } },
  ],
  [
    'a worker that has not joined may go on joining',
    { wanted: ['a'], pods: [aPod('a')], recorded: [anEntry('a', 'Pending')] },
    { acts: ['admit a'], phases: { a: 'Joining' } },
  ],
  [
    'the token of a worker that is Ready is taken back',
    { wanted: ['a'], pods: [aPod('a')], nodes: [aNode('a')], recorded: [anEntry('a', 'Joining')] },
    { acts: ['joined a'], phases: { a: 'Ready' }, settled: true },
  ],
  [
    'a worker that is Ready needs nothing',
    { wanted: ['a'], pods: [aPod('a')], nodes: [aNode('a')], recorded: [anEntry('a', 'Ready')] },
    { acts: [], phases: { a: 'Ready' }, settled: true },
  ],
  [
    'a worker that was Ready and is not is NotReady',
    { wanted: ['a'], pods: [aPod('a')], nodes: [aNode('a', 'Unknown')], recorded: [anEntry('a', 'Ready')] },
    { acts: [], phases: { a: 'NotReady' } },
  ],
  [
    'a worker whose node somebody deleted has a moment',
    {
      wanted: ['a'],
      pods: [aPod('a')],
      recorded: [anEntry('a', 'NotReady', { since: secondsAgo(900) })],
    },
    { acts: ['admit a'], phases: { a: 'NotReady' } },
  ],
  [
    'also one whose node was never Ready',
    { wanted: ['a'], pods: [aPod('a')], recorded: [anEntry('a', 'Joining', { step: 'Wait' })] },
    { acts: ['admit a'], phases: { a: 'NotReady' } },
  ],
  [
    'then it is replaced: its kubelet makes no other',
    {
      wanted: ['a'],
      pods: [aPod('a', { age: 300 })],
      recorded: [anEntry('a', 'NotReady', { step: 'Register', since: secondsAgo(90) })],
    },
    { acts: ['remove a'], phases: { a: 'NotReady' } },
  ],
  [
    'a node that the tenant keeps does not hold up a worker that has gone',
    {
      nodes: [aNode('a', 'Unknown')],
      recorded: [anEntry('a', 'Leaving', { step: 'Remove', since: secondsAgo(300) })],
    },
    { acts: [], phases: {}, settled: true },
  ],
  [
    'a pod that has ended goes, with its node, before it is replaced',
    { wanted: ['a'], pods: [aPod('a', { status: { phase: 'Failed' } })], nodes: [aNode('a', 'Unknown')] },
    { acts: ['remove a'], phases: { a: 'Pending' } },
  ],
  [
    'a node whose pod is lost goes before it is replaced',
    { wanted: ['a'], nodes: [aNode('a', 'Unknown')], recorded: [anEntry('a', 'Ready')] },
    { acts: ['remove a'], phases: { a: 'Pending' } },
  ],
  [
    'a change of size begins with one new worker, and none of the old goes',
    {
      wanted: ['c', 'd'],
      pods: [aPod('a'), aPod('b')],
      nodes: [aNode('a'), aNode('b')],
      recorded: [anEntry('a', 'Ready'), anEntry('b', 'Ready')],
    },
    { acts: ['create c'], phases: { a: 'Ready', b: 'Ready', c: 'Pending', d: 'Pending' } },
  ],
  [
    'the first of the old goes when the first of the new is Ready',
    {
      wanted: ['c', 'd'],
      pods: [aPod('a'), aPod('b'), aPod('c')],
      nodes: [aNode('a'), aNode('b'), aNode('c')],
      recorded: [anEntry('a', 'Ready'), anEntry('b', 'Ready'), anEntry('c', 'Ready')],
    },
    { acts: ['drain a'], phases: { a: 'Leaving', b: 'Ready', c: 'Ready', d: 'Pending' } },
  ],
  [
    'while one leaves no other does',
    {
      wanted: ['c', 'd'],
      pods: [aPod('a'), aPod('b'), aPod('c')],
      nodes: [aNode('a'), aNode('b'), aNode('c')],
      recorded: [anEntry('a', 'Leaving', { step: 'Drain' }), anEntry('b', 'Ready'), anEntry('c', 'Ready')],
    },
    { acts: ['drain a'], phases: { a: 'Leaving', b: 'Ready', c: 'Ready', d: 'Pending' } },
  ],
  [
    'fewer workers: all that are too many leave at once',
    {
      wanted: ['a'],
      pods: [aPod('a'), aPod('b'), aPod('c')],
      nodes: [aNode('a'), aNode('b'), aNode('c')],
      recorded: [anEntry('a', 'Ready'), anEntry('b', 'Ready'), anEntry('c', 'Ready')],
    },
    { acts: ['drain b', 'drain c'], phases: { a: 'Ready', b: 'Leaving', c: 'Leaving' } },
  ],
  [
    'a drain that takes too long is forced',
    {
      pods: [aPod('a')],
      nodes: [aNode('a')],
      recorded: [anEntry('a', 'Leaving', { step: 'Drain', since: secondsAgo(121) })],
    },
    { acts: ['force a'], phases: { a: 'Leaving' } },
  ],
  [
    'a worker that does not answer is not waited for',
    { pods: [aPod('a')], nodes: [aNode('a', 'Unknown')], recorded: [anEntry('a', 'Ready')] },
    { acts: ['force a'], phases: { a: 'Leaving' } },
  ],
  [
    'a worker that never joined goes at once',
    { wanted: ['b'], pods: [aPod('a')], recorded: [anEntry('a', 'Joining')] },
    { acts: ['create b', 'remove a'], phases: { a: 'Leaving', b: 'Pending' } },
  ],
  [
    'a worker that is gone is left out',
    { recorded: [anEntry('a', 'Leaving', { step: 'Remove' })] },
    { acts: [], phases: {}, settled: true },
  ],
])('%s', ([, given, { acts, phases, settled = false }]) => {
  const plan = planWorkers(scene(given));
  expect(plan.acts.map(short)).toEqual(acts);
  expect(Object.fromEntries(plan.nodes.map(({ name, phase }) => [name, phase]))).toEqual(phases);
  expect(plan.settled).toBe(settled);
});

test('a Node that the tenant’s owner made is none of ours', () => {
  expect(planWorkers(scene({ nodes: [aNode('other-worker-0a1b2c')] }))).toEqual({
    acts: [],
    nodes: [],
    journal: [],
    settled: true,
  });
});

test('a tenant that lets no pod go does not keep the worker', () => {
  const recorded = [anEntry('a', 'Leaving', { step: 'Drain', since: secondsAgo(241) })];
  const { acts } = planWorkers(scene({ pods: [aPod('a')], nodes: [aNode('a')], recorded }));
  expect(acts.map(short)).toEqual(['remove a']);
});

test('what is begun is written down first, and what goes on is not written again', () => {
  const given = { pods: [aPod('a')], nodes: [aNode('a')], recorded: [anEntry('a', 'Ready')] };
  const { journal } = planWorkers(scene(given));
  expect(journal).toMatchObject([{ name: 'a', phase: 'Leaving', step: 'Drain', since: secondsAgo(0) }]);
  expect(planWorkers(scene({ ...given, recorded: journal })).journal).toEqual([]);
});

test('the time of a step stays while the step lasts', () => {
  const recorded = [anEntry('a', 'Joining')];
  const [entry] = planWorkers(scene({ wanted: ['a'], pods: [aPod('a')], recorded })).nodes;
  expect(entry).toMatchObject({ since: secondsAgo(20), reason: 'NodeNotJoined' });
});

test('a full host gets room for a new worker by the end of one old one', () => {
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: 'too little cpu',
  };
  const status: Pod['status'] = { phase: 'Pending', conditions: [condition] };
  const at = (age: number, b: NodeStatus['phase']) =>
    planWorkers(
      scene({
        wanted: ['c', 'd'],
        pods: [aPod('a'), aPod('b'), aPod('c', { age, status })],
        nodes: [aNode('a'), aNode('b')],
        recorded: [anEntry('a', 'Ready'), anEntry('b', b, b === 'Leaving' ? { step: 'Drain' } : {})],
      }),
    ).acts.map(short);
  expect(at(29, 'Ready')).toEqual(['admit c']);
  expect(at(31, 'Ready')).toEqual(['admit c', 'drain a']);
  expect(at(31, 'Leaving')).toEqual(['admit c', 'drain b']);
});

test('a pod that fits nowhere says so after ten seconds', () => {
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: 'too little cpu',
  };
  const status: Pod['status'] = { phase: 'Pending', conditions: [condition] };
  const reasonAt = (age: number) =>
    planWorkers(scene({ wanted: ['a'], pods: [aPod('a', { age, status })] })).nodes[0]?.reason;
  expect([reasonAt(9), reasonAt(11)]).toEqual(['Starting', 'Unschedulable']);
});

test('a node that is not Ready is told of in its own words', () => {
  const nodes = [aNode('a', 'False', 'cni plugin not initialized')];
  const [entry] = planWorkers(scene({ wanted: ['a'], pods: [aPod('a')], nodes })).nodes;
  expect(entry?.message).toBe('node a is not Ready: cni plugin not initialized');
});
