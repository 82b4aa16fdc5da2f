import { describe, expect, test } from 'vitest';
import type { AgentStatus } from '#api/contract/host-agent.ts';
import { ANNOTATION } from '#api/contract/names.ts';
import type { Node } from '#kube/resources.ts';
import type { Kept } from './node-snapshot.ts';
import type { NodeObservation } from './plan.ts';
import { planBack } from './plan-back.ts';
import { planIn } from './plan-in.ts';

const NOW = Date.parse('2026-01-01T00:10:00.000Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const aNode = (spec: NonNullable<Node['spec']> = {}, ready = true): Node => ({
  metadata: { name: 'w', namespace: '', uid: 'host-uid', labels: { pool: 'a' } },
  spec,
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', message: 'no CNI yet' }] },
});
const kept: Kept = {
  nodeName: 'w',
  uid: 'host-uid',
  labels: { pool: 'a' },
  annotations: {},
  taints: [],
  unschedulable: false,
  agent: { host: '192.0.2.3', port: 10270, certificate: 'PEM' },
};
const agent = (phase: AgentStatus['phase'], more: Partial<AgentStatus> = {}): AgentStatus => ({
  version: 'v',
  phase,
  since: ago(1),
  ...(phase !== 'Host' && { nodeUid: 'uid' }),
  ...more,
});
const silent = { reason: 'AgentUnreachable', message: 'the node agent does not answer' };
const at = (step: string, seconds = 1): Partial<NodeObservation> => ({
  recorded: { name: 'w', kind: 'Promoted', step, since: ago(seconds) },
});

const observed = (more: Partial<NodeObservation>): NodeObservation => ({
  name: 'w',
  uid: 'uid',
  wanted: true,
  releasing: false,
  forced: false,
  recorded: undefined,
  kept: undefined,
  hostNode: undefined,
  claimed: false,
  obstacle: undefined,
  agent: undefined,
  tenantAnswers: true,
  tenantNode: undefined,
  hostPods: undefined,
  tenantPods: undefined,
  welcomed: false,
  now: NOW,
  ...more,
});

/** Act and step, or the word for waiting, the step and the reason. */
const told = (plan: ReturnType<typeof planIn>) => {
  if (plan.kind === 'done') return ['done'];
  const { step, phase, reason } = plan.entry;
  return plan.kind === 'act' ? [plan.act, step] : ['wait', step ?? phase, reason];
};

describe('on the way into a tenant', () => {
  test.each<[string, Partial<NodeObservation>, (string | undefined)[]]>([
    [
      'a node that can not be taken waits, and says why',
      { hostNode: aNode(), obstacle: { reason: 'NodeTaken', message: 'by another' } },
      ['wait', 'Pending', 'NodeTaken'],
    ],
    ['one that can is claimed first', { hostNode: aNode() }, ['Claim', 'Cordon']],
    ['what it was is kept next', { hostNode: aNode(), claimed: true }, ['Keep', 'Cordon']],
    ['then no new pods come', { hostNode: aNode(), kept }, ['Cordon', 'Cordon']],
    ['then its pods are asked to go', { hostNode: aNode({ unschedulable: true }), kept }, ['Drain', 'Drain']],
    [
      'it is not removed while pods are on it',
      { hostNode: aNode({ unschedulable: true }), kept, hostPods: { pods: ['a/b'] } },
      ['wait', 'Drain', 'Draining'],
    ],
    [
      'a disruption budget is named',
      { hostNode: aNode({ unschedulable: true }), kept, hostPods: { pods: ['a/b'], refused: 'budget' } },
      ['wait', 'Drain', 'DrainBlocked'],
    ],
    [
      'it is removed when it is empty',
      { hostNode: aNode({ unschedulable: true }), kept, hostPods: { pods: [] } },
      ['Remove', 'Remove'],
    ],
    ['its machine joins then', { kept, agent: agent('Host') }, ['Join', 'Join']],
    [
      'what the agent is at is said',
      { kept, agent: agent('Joining'), tenantAnswers: false },
      ['wait', 'Join', 'AgentAtWork'],
    ],
    [
      'what it fails at is said',
      { kept, agent: agent('Joining', { step: 'StartTenant', error: 'no containerd' }) },
      ['wait', 'Join', 'AgentStepFailed'],
    ],
    ['an agent that is silent is asked again', { kept, agent: silent }, ['wait', 'Join', 'AgentUnreachable']],
    [
      'a token that has ended is replaced',
      { kept, agent: agent('Joining', { ageMs: 1_000_000 }), ...at('Join', 1000) },
      ['Join', 'Join'],
    ],
    [
      'a machine on its way back comes in once it is back',
      { kept, agent: agent('Leaving') },
      ['wait', 'Join', 'AgentAtWork'],
    ],
    [
      'a machine of another tenant is not ordered about',
      { kept, agent: agent('Tenant', { nodeUid: 'other' }) },
      ['wait', 'Join', 'NodeTaken'],
    ],
    [
      'one that is not Ready is waited for',
      { kept, agent: agent('Tenant'), tenantNode: aNode({}, false) },
      ['wait', 'Wait', 'NodeNotReady'],
    ],
    [
      'its token is taken back once it is Ready',
      { kept, agent: agent('Tenant'), tenantNode: aNode() },
      ['Welcome', 'Wait'],
    ],
    [
      'only then it is written down as Ready',
      { kept, agent: agent('Tenant'), tenantNode: aNode(), welcomed: true },
      ['wait', 'Ready', undefined],
    ],
    [
      'a machine whose node somebody deleted in the tenant leaves, to come in anew',
      { kept, agent: agent('Tenant'), ...at('Ready') },
      ['Leave', 'Join'],
    ],
    [
      'an order to leave that was lost is given again',
      { kept, agent: agent('Tenant'), ...at('Join') },
      ['Leave', 'Join'],
    ],
    [
      'but not when the tenant does not answer',
      { kept, agent: agent('Tenant'), tenantAnswers: false, ...at('Ready') },
      ['wait', 'Ready', 'NodeNotJoined'],
    ],
    [
      'then nothing is left to do',
      { kept, agent: agent('Tenant'), tenantNode: aNode(), ...at('Ready') },
      ['wait', 'Ready', undefined],
    ],
    [
      'one that is no longer Ready is said so',
      { kept, agent: agent('Tenant'), tenantNode: aNode({}, false), ...at('Ready') },
      ['wait', 'Ready', 'NodeNotReady'],
    ],
  ])('%s', (_name, more, expected) => {
    expect(told(planIn(observed(more)))).toEqual(expected);
  });

  test('a step that takes long is stuck: the node is NotReady, and the step is named since it began', () => {
    const plan = planIn(observed({ kept, agent: silent, ...at('Join', 90) }));
    expect(plan).toMatchObject({ entry: { phase: 'NotReady', step: 'Join', since: ago(90) } });
  });
});

describe('on the way back', () => {
  const back = (more: Partial<NodeObservation>) => planBack(observed({ wanted: false, ...more }));

  test.each<[string, Partial<NodeObservation>, (string | undefined)[]]>([
    ['of a node that was never touched nothing is left', { hostNode: aNode() }, ['done']],
    ['a mere claim is taken back', { hostNode: aNode(), claimed: true }, ['Unclaim', 'Return']],
    [
      'a node that was only cordoned takes pods again',
      { kept, hostNode: aNode({ unschedulable: true }), agent: agent('Host') },
      ['Restore', 'Return'],
    ],
    [
      'it needs no agent for that',
      { kept, hostNode: aNode({ unschedulable: true }), agent: silent },
      ['Restore', 'Return'],
    ],
    [
      'pods of the tenant are asked to go',
      { kept, agent: agent('Tenant'), tenantNode: aNode() },
      ['DrainTenant', 'DrainTenant'],
    ],
    [
      'they have a time for it',
      {
        kept,
        agent: agent('Tenant'),
        tenantNode: aNode(),
        tenantPods: { pods: ['a/b'] },
        ...at('DrainTenant'),
      },
      ['wait', 'DrainTenant', 'Draining'],
    ],
    [
      'after it they are no longer asked',
      { kept, agent: agent('Tenant'), tenantNode: aNode(), ...at('DrainTenant', 200) },
      ['DrainTenantByForce', 'DrainTenant'],
    ],
    [
      'when all of the tenant goes, the time is short',
      { kept, releasing: true, agent: agent('Tenant'), tenantNode: aNode(), ...at('DrainTenant', 30) },
      ['Leave', 'Leave'],
    ],
    [
      'a tenant that does not answer is not asked',
      { kept, agent: agent('Tenant'), tenantAnswers: false },
      ['Leave', 'Leave'],
    ],
    ['a machine that was joining leaves at once', { kept, agent: agent('Joining') }, ['Leave', 'Leave']],
    [
      'an empty one leaves',
      { kept, agent: agent('Tenant'), tenantNode: aNode(), tenantPods: { pods: [] } },
      ['Leave', 'Leave'],
    ],
    ['its way is waited for', { kept, agent: agent('Leaving') }, ['wait', 'Leave', 'AgentAtWork']],
    [
      'the tenant forgets it then',
      { kept, agent: agent('Host'), tenantNode: aNode({}, false) },
      ['RemoveFromTenant', 'Leave'],
    ],
    [
      'a tenant that refuses to forget it is not asked for ever',
      { kept, hostNode: aNode(), agent: agent('Host'), tenantNode: aNode(), ...at('Leave', 300) },
      ['Forget', 'Return'],
    ],
    [
      'a finalizer on the tenant’s Node holds nothing up',
      {
        kept,
        hostNode: aNode(),
        agent: agent('Host'),
        tenantNode: { ...aNode(), metadata: { ...aNode().metadata, deletionTimestamp: ago(1) } },
      },
      ['Forget', 'Return'],
    ],
    [
      'a tenant whose pods do not end does not keep it',
      { kept, agent: agent('Tenant'), tenantNode: aNode(), ...at('DrainTenant', 300) },
      ['Leave', 'Leave'],
    ],
    [
      'a machine that says for long that it leaves is given up',
      { kept, releasing: true, agent: agent('Leaving'), ...at('Leave', 1000) },
      ['Forget', 'Leave'],
    ],
    [
      'the host’s kubelet has a moment to register',
      { kept, agent: agent('Host') },
      ['wait', 'Return', 'HostNodeMissing'],
    ],
    [
      'a kubelet that does not is started again',
      { kept, agent: agent('Host', { ageMs: 60_000 }) },
      ['Leave', 'Return'],
    ],
    [
      'the clock of the machine counts',
      { kept, agent: agent('Host', { since: ago(60), ageMs: 5_000 }) },
      ['wait', 'Return', 'HostNodeMissing'],
    ],
    [
      'an agent of an older release says only when',
      { kept, agent: agent('Host', { since: ago(60) }) },
      ['Leave', 'Return'],
    ],
    [
      'labels that it had come back',
      { kept: { ...kept, labels: { pool: 'a', disk: 'ssd' } }, hostNode: aNode(), agent: agent('Host') },
      ['Restore', 'Return'],
    ],
    [
      'it is waited for until it is Ready',
      { kept, hostNode: aNode({}, false), agent: agent('Host') },
      ['wait', 'Return', 'HostNodeNotReady'],
    ],
    ['then it is done with', { kept, hostNode: aNode(), agent: agent('Host') }, ['Forget', 'Return']],
    [
      'an agent that is silent is asked again',
      { kept, agent: silent },
      ['wait', 'Leave', 'AgentUnreachable'],
    ],
    [
      'one that is silent for long is given up when all of the tenant goes',
      { kept, releasing: true, agent: silent, ...at('Leave', 400) },
      ['Forget', 'Leave'],
    ],
    [
      'it is waited for as long as nothing else waits',
      { kept, agent: silent, ...at('Leave', 4000) },
      ['wait', 'Leave', 'AgentUnreachable'],
    ],
    [
      'so is one that says for long that it leaves',
      { kept, agent: agent('Leaving'), ...at('Leave', 4000) },
      ['wait', 'Leave', 'AgentAtWork'],
    ],
    [
      'when force is asked for it is not waited for',
      { kept, releasing: true, forced: true, agent: silent, ...at('Leave', 20) },
      ['Forget', 'Leave'],
    ],
    [
      'nor are pods of the tenant',
      { kept, releasing: true, forced: true, agent: agent('Tenant'), tenantNode: aNode() },
      ['Leave', 'Leave'],
    ],
    [
      'a machine that is another’s by now is left alone',
      { kept, agent: agent('Tenant', { nodeUid: 'other' }) },
      ['Forget', 'Return'],
    ],
  ])('%s', (_name, more, expected) => {
    expect(told(back(more))).toEqual(expected);
  });

  /** What the agent says to the n-th look, so many seconds after it was told to leave. */
  type Machine = (look: number, seconds: number, now: number) => NodeObservation['agent'];
  const machines: [string, Machine][] = [
    [
      'whose kubelet never registers',
      (_look, s) => (s < 2 ? agent('Leaving') : agent('Host', { ageMs: (s - 2) * 1000 })),
    ],
    ['that is back and leaves in turn', (look) => agent(look % 2 ? 'Leaving' : 'Host', { ageMs: 0 })],
    ['that is back and a tenant’s in turn', (look) => agent(look % 2 ? 'Tenant' : 'Host')],
    ['that is back and silent in turn', (look) => (look % 2 ? silent : agent('Host'))],
    ['that was back once', (look) => agent(look === 0 ? 'Host' : 'Leaving')],
  ];
  const base = { kept, releasing: true, tenantNode: aNode(), tenantPods: { pods: ['a/b'] } };

  /** After how many seconds it is given up, looked at every second for an hour. */
  function givenUpAfter(machine: Machine): number | undefined {
    let [recorded, toldAt]: [NodeObservation['recorded'], number] = [undefined, 0];
    for (let second = 0; second < 3600; second += 1) {
      const now = NOW + second * 1000;
      const plan = back({ ...base, recorded, now, agent: machine(second, second - toldAt, now) });
      if (plan.kind === 'done') return undefined;
      recorded = plan.entry;
      if (plan.kind === 'wait') continue;
      if (plan.act === 'Forget') return second;
      if (plan.act === 'Leave') toldAt = second;
    }
    return undefined;
  }

  test.each(machines)('a machine %s is given up within a quarter of an hour', (_what, machine) => {
    const after = givenUpAfter(machine);
    expect(after).toBeGreaterThan(240);
    expect(after).toBeLessThan(920);
  });

  test('what was given up is said', () => {
    const plan = back({ kept, releasing: true, agent: silent, ...at('Leave', 400) });
    expect(plan).toMatchObject({ entry: { phase: 'Failed', reason: 'AgentUnreachable' } });
  });

  test('a claim on a node that is back goes with the rest', () => {
    const node = aNode();
    node.metadata.annotations = { [ANNOTATION.heldBy]: 'a/b/uid' };
    expect(told(back({ kept, hostNode: node, agent: agent('Host') }))).toEqual(['Restore', 'Return']);
  });
});
