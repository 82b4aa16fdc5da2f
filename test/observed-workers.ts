/** Workers as their plan observes them, with builders for what differs. */
import { ANNOTATION } from '#api/contract/names.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Node, Pod } from '#kube/resources.ts';
import type { WorkerAct, WorkersObservation } from '#operator/nodes/workers/step.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
export const secondsAgo = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const size = { cpuMillis: 1000, memoryBytes: 2 ** 30 };
const metadata = (name: string) => ({ namespace: 'shops', name, uid: `uid-${name}` });

type PodOptions = { age?: number; leaving?: boolean; status?: Pod['status']; settings?: string };
/** A running worker pod. `age` in seconds; `leaving`: it is being deleted. */
export const aPod = (name: string, { age = 5, leaving = false, status, settings }: PodOptions = {}): Pod => ({
  metadata: {
    ...metadata(name),
    creationTimestamp: secondsAgo(age),
    ...(settings && { annotations: { [ANNOTATION.podSettings]: settings } }),
    ...(leaving ? { deletionTimestamp: secondsAgo(0) } : {}),
  },
  status: status ?? { phase: 'Running' },
});

/** The status of a pod that fits on no host node. */
export const unschedulable: Pod['status'] = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'too little cpu' }],
};

/** A node of the tenant; `ready` is the status of its condition. */
export const aNode = (name: string, ready: 'True' | 'False' | 'Unknown' = 'True', message = ''): Node => ({
  metadata: { ...metadata(name), namespace: '' },
  status: { conditions: [{ type: 'Ready', status: ready, message }] },
});

/** A recorded worker, in its phase for 20 seconds. */
export const recordedAs = (
  name: string,
  phase: NonNullable<NodeStatus['phase']>,
  over: Partial<NodeStatus> = {},
): NodeStatus => ({ name, kind: 'Worker', phase, since: secondsAgo(20), ...over });

export type Workers = {
  wanted?: string[];
  pods?: Pod[];
  nodes?: Node[];
  recorded?: NodeStatus[];
  settings?: string;
};

export function workersObservation({
  wanted = [],
  pods,
  nodes,
  recorded = [],
  settings,
}: Workers): WorkersObservation {
  const byName = <T extends { metadata: { name: string } }>(items: T[] = []) =>
    new Map(items.map((item) => [item.metadata.name, item]));
  return {
    wanted: wanted.map((name) => ({ name, size })),
    pods: byName(pods),
    nodes: byName(nodes),
    recorded: new Map(recorded.map((status) => [status.name, status])),
    podSettings: settings,
    now: NOW,
  };
}

/** An act in a row of a table, like `drain a`. */
export function inShort(act: WorkerAct): string {
  switch (act.kind) {
    case 'create':
      return `create ${act.worker.name}`;
    case 'drain':
      return `${act.force ? 'force' : 'drain'} ${act.name}`;
    case 'renewToken':
    case 'revokeToken':
    case 'remove':
      return `${act.kind} ${act.name}`;
  }
}
