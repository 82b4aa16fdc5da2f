import { describe, expect, test } from 'vitest';
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
import { planIn } from './plan-in.ts';

describe('planIn', () => {
  test.each<[string, Partial<NodeObservation>, (string | undefined)[]]>([
    [
      'waits with the reason when the node is ineligible',
      { hostNode: aNode(), ineligibility: { reason: 'NodeTaken', message: 'by another' } },
      ['wait', 'Pending', 'NodeTaken'],
    ],
    ['claims an eligible node', { hostNode: aNode() }, ['Claim', 'Cordon']],
    ['saves a snapshot of a claimed node', { hostNode: aNode(), claimed: true }, ['SaveSnapshot', 'Cordon']],
    ['cordons a node that has a snapshot', { hostNode: aNode(), snapshot }, ['Cordon', 'Cordon']],
    ['drains a cordoned node', { hostNode: cordoned(), snapshot }, ['Drain', 'Drain']],
    [
      'waits with Draining while host pods are on the node',
      { hostNode: cordoned(), snapshot, hostPods: { pods: ['a/b'] } },
      ['wait', 'Drain', 'Draining'],
    ],
    [
      'waits with DrainBlocked when a disruption budget refuses an eviction',
      { hostNode: cordoned(), snapshot, hostPods: { pods: ['a/b'], refused: 'budget' } },
      ['wait', 'Drain', 'DrainBlocked'],
    ],
    [
      'removes a drained node from the host',
      { hostNode: cordoned(), snapshot, hostPods: { pods: [] } },
      ['Remove', 'Remove'],
    ],
    ['sends the join order once the host has no Node', { snapshot, agent: agent('Host') }, ['Join', 'Join']],
    [
      'waits with AgentAtWork while the agent joins',
      { snapshot, agent: agent('Joining'), tenantAnswers: false },
      ['wait', 'Join', 'AgentAtWork'],
    ],
    [
      'waits with AgentStepFailed when a step of the agent fails',
      { snapshot, agent: agent('Joining', { step: 'StartTenant', error: 'no containerd' }) },
      ['wait', 'Join', 'AgentStepFailed'],
    ],
    [
      'waits with AgentUnreachable for a silent agent',
      { snapshot, agent: silentAgent },
      ['wait', 'Join', 'AgentUnreachable'],
    ],
    [
      'sends a new join order when the bootstrap token has expired',
      { snapshot, agent: agent('Joining', { ageMs: 1_000_000 }), ...at('Join', 1000) },
      ['Join', 'Join'],
    ],
    [
      'waits until a leaving machine has left before it joins again',
      { snapshot, agent: agent('Leaving') },
      ['wait', 'Join', 'AgentAtWork'],
    ],
    [
      'waits with NodeTaken when the machine is in another tenant',
      { snapshot, agent: agent('Tenant', { nodeUid: 'other' }) },
      ['wait', 'Join', 'NodeTaken'],
    ],
    [
      'waits with NodeNotReady until the joined node is Ready',
      { snapshot, agent: agent('Tenant'), tenantNode: notReady() },
      ['wait', 'Wait', 'NodeNotReady'],
    ],
    [
      'revokes the bootstrap tokens of a node that has become Ready',
      { snapshot, agent: agent('Tenant'), tenantNode: aNode() },
      ['RevokeTokens', 'Wait'],
    ],
    [
      'records Ready once the bootstrap tokens are revoked',
      { snapshot, agent: agent('Tenant'), tenantNode: aNode(), tokensRevoked: true },
      ['wait', 'Ready', undefined],
    ],
    [
      'makes a machine leave whose Node was deleted in the tenant',
      { snapshot, agent: agent('Tenant'), ...at('Ready') },
      ['Leave', 'Join'],
    ],
    [
      'repeats an order to leave that was lost',
      { snapshot, agent: agent('Tenant'), ...at('Join') },
      ['Leave', 'Join'],
    ],
    [
      'keeps a machine whose Node can’t be read because the tenant does not answer',
      { snapshot, agent: agent('Tenant'), tenantAnswers: false, ...at('Ready') },
      ['wait', 'Ready', 'NodeNotJoined'],
    ],
    [
      'does nothing for a node that is Ready and recorded as Ready',
      { snapshot, agent: agent('Tenant'), tenantNode: aNode(), ...at('Ready') },
      ['wait', 'Ready', undefined],
    ],
    [
      'reports NodeNotReady for a node that was Ready before',
      { snapshot, agent: agent('Tenant'), tenantNode: notReady(), ...at('Ready') },
      ['wait', 'Ready', 'NodeNotReady'],
    ],
  ])('%s', (_sentence, over, expected) => {
    expect(inShort(planIn(nodeObservation(over)))).toEqual(expected);
  });

  test('makes a node NotReady when a step takes longer than a minute, and keeps the start of the step', () => {
    const plan = planIn(nodeObservation({ snapshot, agent: silentAgent, ...at('Join', 90) }));
    expect(plan).toMatchObject({ status: { phase: 'NotReady', step: 'Join', since: ago(90) } });
  });
});
