import { describe, expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import {
  agent,
  ago,
  aNode,
  at,
  cordoned,
  inShort,
  NOW,
  nodeObservation,
  notReady,
  silentAgent,
  snapshot,
} from '#test/observed-node.ts';
import type { NodeObservation } from './observation.ts';
import { planBack } from './plan-back.ts';

const back = (over: Partial<NodeObservation>) => planBack(nodeObservation({ wanted: false, ...over }));
const inTenant = { snapshot, agent: agent('Tenant'), tenantNode: aNode() };

type Row = [string, Partial<NodeObservation>, (string | undefined)[]];

describe('planBack', () => {
  test.each<Row>([
    ['is done with a node that was never claimed', { hostNode: aNode() }, ['done']],
    ['removes a claim without a snapshot', { hostNode: aNode(), claimed: true }, ['Unclaim', 'Return']],
    [
      'uncordons a node that was only cordoned',
      { snapshot, hostNode: cordoned(), agent: agent('Host') },
      ['Restore', 'Return'],
    ],
    [
      'restores a Ready host node without its agent',
      { snapshot, hostNode: cordoned(), agent: silentAgent },
      ['Restore', 'Return'],
    ],
  ])('%s', (_sentence, over, expected) => {
    expect(inShort(back(over))).toEqual(expected);
  });

  test.each<Row>([
    ['evicts the tenant’s pods first', inTenant, ['DrainTenant', 'DrainTenant']],
    [
      'waits for the tenant’s pods for two minutes',
      { ...inTenant, tenantPods: { pods: ['a/b'] }, ...at('DrainTenant') },
      ['wait', 'DrainTenant', 'Draining'],
    ],
    [
      'deletes the tenant’s pods after two minutes',
      { ...inTenant, ...at('DrainTenant', 200) },
      ['DrainTenantByForce', 'DrainTenant'],
    ],
    [
      'drains for ten seconds only while the VirtualCluster is being deleted',
      { ...inTenant, deleting: true, ...at('DrainTenant', 30) },
      ['Leave', 'Leave'],
    ],
    [
      'makes the machine leave without a drain when the tenant does not answer',
      { snapshot, agent: agent('Tenant'), tenantAnswers: false },
      ['Leave', 'Leave'],
    ],
    [
      'makes a machine leave without a drain that is still joining',
      { snapshot, agent: agent('Joining') },
      ['Leave', 'Leave'],
    ],
    ['makes a drained machine leave', { ...inTenant, tenantPods: { pods: [] } }, ['Leave', 'Leave']],
    [
      'makes the machine leave after four minutes although the tenant’s pods have not ended',
      { ...inTenant, ...at('DrainTenant', 300) },
      ['Leave', 'Leave'],
    ],
    [
      'makes the machine leave without a drain when forceDestroy is set',
      { ...inTenant, deleting: true, forced: true },
      ['Leave', 'Leave'],
    ],
    [
      'waits with AgentAtWork while the agent leaves',
      { snapshot, agent: agent('Leaving') },
      ['wait', 'Leave', 'AgentAtWork'],
    ],
    [
      'waits without a limit for an agent that keeps leaving while nothing is being deleted',
      { snapshot, agent: agent('Leaving'), ...at('Leave', 4000) },
      ['wait', 'Leave', 'AgentAtWork'],
    ],
    [
      'waits with AgentUnreachable for a silent agent',
      { snapshot, agent: silentAgent },
      ['wait', 'Leave', 'AgentUnreachable'],
    ],
    [
      'waits without a limit for a silent agent while nothing is being deleted',
      { snapshot, agent: silentAgent, ...at('Leave', 4000) },
      ['wait', 'Leave', 'AgentUnreachable'],
    ],
    [
      'leaves a machine alone that another cluster has promoted since',
      { snapshot, agent: agent('Tenant', { nodeUid: 'other' }) },
      ['DeleteSnapshot', 'Return'],
    ],
  ])('%s', (_sentence, over, expected) => {
    expect(inShort(back(over))).toEqual(expected);
  });

  test.each<Row>([
    [
      'deletes the tenant’s Node once the machine has left',
      { snapshot, agent: agent('Host'), tenantNode: notReady() },
      ['RemoveFromTenant', 'Leave'],
    ],
    [
      'stops deleting the tenant’s Node after four minutes when the tenant refuses it',
      { snapshot, hostNode: aNode(), agent: agent('Host'), tenantNode: aNode(), ...at('Leave', 300) },
      ['DeleteSnapshot', 'Return'],
    ],
    [
      'does not wait for a finalizer on the tenant’s Node',
      {
        snapshot,
        hostNode: aNode(),
        agent: agent('Host'),
        tenantNode: { ...aNode(), metadata: { ...aNode().metadata, deletionTimestamp: ago(1) } },
      },
      ['DeleteSnapshot', 'Return'],
    ],
    [
      'waits with HostNodeMissing until the host’s kubelet registers its Node',
      { snapshot, agent: agent('Host') },
      ['wait', 'Return', 'HostNodeMissing'],
    ],
    [
      'restarts a host’s kubelet that has not registered its Node after 20 seconds',
      { snapshot, agent: agent('Host', { ageMs: 60_000 }) },
      ['Leave', 'Return'],
    ],
    [
      'measures the agent’s phase by the clock of the machine',
      { snapshot, agent: agent('Host', { since: ago(60), ageMs: 5_000 }) },
      ['wait', 'Return', 'HostNodeMissing'],
    ],
    [
      'measures the phase of an older agent by its start alone',
      { snapshot, agent: agent('Host', { since: ago(60) }) },
      ['Leave', 'Return'],
    ],
    [
      'restores labels that the returned node lacks',
      {
        snapshot: { ...snapshot, labels: { pool: 'a', disk: 'ssd' } },
        hostNode: aNode(),
        agent: agent('Host'),
      },
      ['Restore', 'Return'],
    ],
    [
      'waits with HostNodeNotReady until the returned node is Ready',
      { snapshot, hostNode: notReady(), agent: agent('Host') },
      ['wait', 'Return', 'HostNodeNotReady'],
    ],
    [
      'deletes the snapshot of a node that is Ready and restored',
      { snapshot, hostNode: aNode(), agent: agent('Host') },
      ['DeleteSnapshot', 'Return'],
    ],
  ])('%s', (_sentence, over, expected) => {
    expect(inShort(back(over))).toEqual(expected);
  });

  test('removes the claim of a returned node together with everything else', () => {
    const hostNode = aNode();
    hostNode.metadata.annotations = { [ANNOTATION.heldBy]: 'a/b/uid' };
    expect(inShort(back({ snapshot, hostNode, agent: agent('Host') }))).toEqual(['Restore', 'Return']);
  });
});

describe('planBack of a cluster that is being deleted', () => {
  test.each<Row>([
    [
      'gives up a machine that keeps leaving for more than a quarter of an hour',
      { agent: agent('Leaving'), ...at('Leave', 1000) },
      ['DeleteSnapshot', 'Leave'],
    ],
    [
      'gives up a machine whose agent is silent for more than five minutes',
      { agent: silentAgent, ...at('Leave', 400) },
      ['DeleteSnapshot', 'Leave'],
    ],
    [
      'gives up a machine whose agent is silent for 15 seconds when forceDestroy is set',
      { forced: true, agent: silentAgent, ...at('Leave', 20) },
      ['DeleteSnapshot', 'Leave'],
    ],
  ])('%s', (_sentence, over, expected) => {
    expect(inShort(back({ snapshot, deleting: true, ...over }))).toEqual(expected);
  });

  test('records a machine that it gives up as Failed, with the reason', () => {
    const plan = back({ snapshot, deleting: true, agent: silentAgent, ...at('Leave', 400) });
    expect(plan).toMatchObject({ status: { phase: 'Failed', reason: 'AgentUnreachable' } });
  });

  /** The agent's status in the n-th second, so many seconds after the last order to leave. */
  type Machine = (second: number, secondsSinceOrder: number) => NodeObservation['agent'];
  const machines: [string, Machine][] = [
    [
      'whose kubelet never registers',
      (_second, since) => (since < 2 ? agent('Leaving') : agent('Host', { ageMs: (since - 2) * 1000 })),
    ],
    ['that alternates between Host and Leaving', (n) => agent(n % 2 ? 'Leaving' : 'Host', { ageMs: 0 })],
    ['that alternates between Host and Tenant', (n) => agent(n % 2 ? 'Tenant' : 'Host')],
    ['that alternates between Host and silence', (n) => (n % 2 ? silentAgent : agent('Host'))],
    ['that was in phase Host once', (n) => agent(n === 0 ? 'Host' : 'Leaving')],
  ];

  /** After how many seconds a machine is given up that is planned for every second, for an hour. */
  function givenUpAfter(machine: Machine): number | undefined {
    let [recorded, orderedAt]: [NodeObservation['recorded'], number] = [undefined, 0];
    for (let second = 0; second < 3600; second += 1) {
      const now = NOW + second * 1000;
      const status = machine(second, second - orderedAt);
      const tenantPods = { pods: ['a/b'] };
      const plan = back({ ...inTenant, deleting: true, tenantPods, recorded, now, agent: status });
      if (plan.kind === 'done') return undefined;
      recorded = plan.status;
      if (plan.kind === 'wait') continue;
      if (plan.act === 'DeleteSnapshot') return second;
      if (plan.act === 'Leave') orderedAt = second;
    }
    return undefined;
  }

  test.each(machines)('gives up a machine %s within a quarter of an hour', (_what, machine) => {
    const after = givenUpAfter(machine);
    expect(after).toBeGreaterThan(240);
    expect(after).toBeLessThan(920);
  });
});
