import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Node, Pod } from '#kube/resources.ts';
import type { WantedWorker } from './size.ts';

/** All that the decision about the workers of one cluster depends on, each by name. */
export type WorkersObservation = {
  wanted: readonly WantedWorker[];
  pods: ReadonlyMap<string, Pod>;
  /** The tenant's nodes, of other kinds as well: their labels are what the tenant's owner makes of them. */
  nodes: ReadonlyMap<string, Node>;
  recorded: ReadonlyMap<string, NodeStatus>;
  now: number;
};

export type WorkerAct =
  | { kind: 'create'; worker: WantedWorker }
  /** Its token is kept valid: it has not joined yet. */
  | { kind: 'admit'; name: string }
  /** It has joined: its token is of no use any more. */
  | { kind: 'joined'; name: string }
  | { kind: 'drain'; name: string; force: boolean }
  /** Pod, Secret, token and the tenant's node, as far as they are there. */
  | { kind: 'remove'; name: string };

/** What is done about one worker, and said of it. */
export type Step = {
  entry: NodeStatus;
  acts: WorkerAct[];
  /** Its entry is to be written down first. */
  begins?: boolean;
  gone?: boolean;
  /** The host has no room for it. */
  stuck?: boolean;
};

/** How long ago an entry's phase and step began, in milliseconds. */
export const ageOf = ({ now }: WorkersObservation, { since = '' }: NodeStatus) => now - Date.parse(since);

export function entryOf(
  { recorded, now }: WorkersObservation,
  name: string,
  phase: NonNullable<NodeStatus['phase']>,
  problem?: Problem,
  step?: string,
): NodeStatus {
  const before = recorded.get(name);
  const same = before?.phase === phase && before.step === step;
  const since = (same ? before.since : undefined) ?? new Date(now).toISOString();
  return {
    name,
    kind: 'Worker',
    phase,
    ...(step === undefined ? {} : { step }),
    since,
    ...(problem ? { reason: problem.reason, message: problem.message.slice(0, 1024) } : {}),
  };
}
