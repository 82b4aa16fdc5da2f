import { describe, expect, test } from 'vitest';
import {
  agent,
  aNode,
  at,
  inShort,
  NOW,
  nodeObservation,
  silentAgent,
  snapshot,
} from '#test/observed-node.ts';
import type { NodeObservation } from './observation.ts';
import { planBack } from './plan-back.ts';

type Row = [string, Partial<NodeObservation>, (string | undefined)[]];

/** The plan for a machine whose VirtualCluster is being deleted. */
const back = (over: Partial<NodeObservation>) =>
  planBack(nodeObservation({ wanted: false, deleting: true, snapshot, ...over }));

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
    expect(inShort(back(over))).toEqual(expected);
  });

  test('records a machine that it gives up as Failed, with the reason', () => {
    const plan = back({ agent: silentAgent, ...at('Leave', 400) });
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
      const plan = back({ tenantNode: aNode(), tenantPods, recorded, now, agent: status });
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
