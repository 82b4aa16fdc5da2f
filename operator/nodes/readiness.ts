import type { Problem } from '#api/problem.ts';
import { findCondition } from '#kube/conditions.ts';
import type { Node } from '#kube/resources.ts';

/** What a tenant's API server says of a node; `problem` is absent when the node takes pods. */
export type Judgement = { joined: boolean; ready: boolean; problem?: Problem };

/** Judges whether a node has joined its tenant and works, and says what it is stuck at. */
export function judgeNode(name: string, node: Node | undefined): Judgement {
  if (!node) {
    const message = `node ${name} has not joined: its kubelet has not registered with the API server`;
    return { joined: false, ready: false, problem: { reason: 'NodeNotJoined', message } };
  }
  const condition = findCondition(node, 'Ready');
  if (condition?.status === 'True') {
    const problem = untaken(name, node);
    return problem ? { joined: true, ready: false, problem } : { joined: true, ready: true };
  }
  const reason = condition?.status === 'Unknown' ? 'NodeSilent' : 'NodeNotReady';
  const said = condition?.message ?? 'its kubelet has not reported yet';
  return { joined: true, ready: false, problem: { reason, message: `node ${name} is not Ready: ${said}` } };
}

/** Taints that the node's own controllers take away when what they stand for is over. */
const PASSING = /^node\.kubernetes\.io\/(not-ready|unreachable|network-unavailable)$/;

function untaken(name: string, { spec }: Node): Problem | undefined {
  const taint = spec?.taints?.find(({ key, effect }) => PASSING.test(key) && effect === 'NoSchedule');
  if (!taint) return undefined;
  return { reason: 'NodeTainted', message: `node ${name} takes no pods yet: it has the taint ${taint.key}` };
}
