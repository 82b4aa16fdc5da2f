import type { Problem } from '#api/problem.ts';
import { findCondition } from '#kube/conditions.ts';
import type { Node } from '#kube/resources.ts';

/** What a tenant's API server says about a node; `problem` is absent when the node accepts pods. */
export type NodeReadiness = { joined: boolean; ready: boolean; problem?: Problem };

/** Whether a node has joined its tenant and accepts pods, and if not, why. */
export function nodeReadiness(name: string, node: Node | undefined): NodeReadiness {
  if (!node) {
    const message = `node ${name} has not joined: its kubelet has not registered with the API server`;
    return { joined: false, ready: false, problem: { reason: 'NodeNotJoined', message } };
  }
  const condition = findCondition(node, 'Ready');
  if (condition?.status === 'True') {
    const problem = taintProblem(name, node);
    return problem ? { joined: true, ready: false, problem } : { joined: true, ready: true };
  }
  const reason = condition?.status === 'Unknown' ? 'NodeSilent' : 'NodeNotReady';
  const detail = condition?.message ?? 'its kubelet has not reported yet';
  return { joined: true, ready: false, problem: { reason, message: `node ${name} is not Ready: ${detail}` } };
}

/** Taints that go by themselves once their cause is over, and what removes them. */
const TRANSIENT: Readonly<Record<string, string>> = {
  'node.kubernetes.io/not-ready': 'the control plane removes it a moment after the node has become Ready',
  'node.kubernetes.io/unreachable':
    'the control plane removes it a moment after its kubelet has reported again',
  'node.kubernetes.io/network-unavailable':
    "the cluster's network plugin removes it; see that its pod on this node runs",
};

function taintProblem(name: string, { spec }: Node): Problem | undefined {
  const taint = spec?.taints?.find(
    ({ key, effect }) => Object.hasOwn(TRANSIENT, key) && effect === 'NoSchedule',
  );
  if (!taint) return undefined;
  return {
    reason: 'NodeTainted',
    message: `node ${name} accepts no pods yet: it has the taint ${taint.key}; ${TRANSIENT[taint.key]}`,
  };
}
