import { describe, expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import {
  agent,
  ago,
  aNode,
  at,
  cordoned,
  inShort,
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
