/** A host node `w` as the plans of its promotion observe it, with builders for what differs. */
import type { AgentStatus } from '#api/contract/host-agent.ts';
import type { Node } from '#kube/resources.ts';
import type { NodeSnapshot } from '#operator/nodes/promotion/node-snapshot.ts';
import type { NodeObservation, NodePlan } from '#operator/nodes/promotion/observation.ts';

export const NOW = Date.parse('2026-01-01T00:10:00.000Z');
export const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

export const aNode = (spec: NonNullable<Node['spec']> = {}, ready = true): Node => ({
  metadata: { name: 'w', namespace: '', uid: 'host-uid', labels: { pool: 'a' } },
  spec,
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', message: 'no CNI yet' }] },
});

export const cordoned = (): Node => aNode({ unschedulable: true });
export const notReady = (): Node => aNode({}, false);

export const snapshot: NodeSnapshot = {
  nodeName: 'w',
  uid: 'host-uid',
  labels: { pool: 'a' },
  annotations: {},
  taints: [],
  unschedulable: false,
  agent: { host: '192.0.2.3', port: 10270, certificate: 'PEM' },
};

export const agent = (phase: AgentStatus['phase'], over: Partial<AgentStatus> = {}): AgentStatus => ({
  version: 'v',
  phase,
  since: ago(1),
  ...(phase !== 'Host' && { nodeUid: 'uid' }),
  ...over,
});

export const silentAgent = { reason: 'AgentUnreachable', message: 'the node agent does not answer' };

/** A step that was recorded so many seconds ago. */
export const at = (step: string, seconds = 1): Partial<NodeObservation> => ({
  recorded: { name: 'w', kind: 'Promoted', step, since: ago(seconds) },
});

export const nodeObservation = (over: Partial<NodeObservation>): NodeObservation => ({
  name: 'w',
  uid: 'uid',
  wanted: true,
  deleting: false,
  forced: false,
  recorded: undefined,
  snapshot: undefined,
  hostNode: undefined,
  claimed: false,
  ineligibility: undefined,
  agent: undefined,
  tenantAnswers: true,
  tenantNode: undefined,
  hostPods: undefined,
  tenantPods: undefined,
  tokensRevoked: false,
  now: NOW,
  ...over,
});

/** A plan in a row of a table: `[act, step]`, or `['wait', step or phase, reason]`, or `['done']`. */
export function inShort(plan: NodePlan): (string | undefined)[] {
  if (plan.kind === 'done') return ['done'];
  const { step, phase, reason } = plan.status;
  return plan.kind === 'act' ? [plan.act, step] : ['wait', step ?? phase, reason];
}
