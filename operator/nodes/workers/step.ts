import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Node, Pod } from '#kube/resources.ts';
import { statusProblem } from '../node-status.ts';
import type { WantedWorker } from './size.ts';

/** Everything that the plan for one cluster's workers depends on, by name. */
export type WorkersObservation = {
  wanted: readonly WantedWorker[];
  pods: ReadonlyMap<string, Pod>;
  /** All nodes of the tenant, also those of other kinds: the tenant's owner can change their labels. */
  nodes: ReadonlyMap<string, Node>;
  /** The workers' entries in `status.nodes`. */
  recorded: ReadonlyMap<string, NodeStatus>;
  /** Hash of the administrator's settings for worker pods; undefined for none. */
  podSettings: string | undefined;
  now: number;
};

export type WorkerAct =
  | { kind: 'create'; worker: WantedWorker }
  /** Keeps the bootstrap token of a worker valid that has not joined yet. */
  | { kind: 'renewToken'; name: string }
  /** Revokes the bootstrap token of a worker that has joined. */
  | { kind: 'revokeToken'; name: string }
  | { kind: 'drain'; name: string; force: boolean }
  /** Deletes the pod, the Secret, the token and the tenant's node, as far as they exist. */
  | { kind: 'remove'; name: string };

/**
 * Steps as `status.nodes` records them. The words are a contract with clusters of earlier releases: `Wait` is a worker
 * whose node has joined, `Register` one whose Node was deleted in the tenant.
 */
export type WorkerStep = 'Wait' | 'Register' | 'Drain' | 'Remove';

/** What to do for one worker, and what to report. */
export type Step = {
  status: NodeStatus;
  acts: WorkerAct[];
  /** The status must be recorded before the acts begin. */
  begins?: boolean;
  gone?: boolean;
  /** The host has no room for the worker's pod. */
  stuck?: boolean;
};

/** How long ago the phase and step of a status began, in milliseconds. */
export const ageOf = ({ now }: WorkersObservation, { since = '' }: NodeStatus) => now - Date.parse(since);

/** A worker's entry for `status.nodes`. `since` stays while phase and step are the same. */
export function workerStatus(
  { recorded, now }: WorkersObservation,
  name: string,
  phase: NonNullable<NodeStatus['phase']>,
  problem?: Problem,
  step?: WorkerStep,
): NodeStatus {
  const previous = recorded.get(name);
  const isSame = previous?.phase === phase && previous.step === step;
  const since = (isSame ? previous.since : undefined) ?? new Date(now).toISOString();
  return {
    name,
    kind: 'Worker',
    phase,
    ...(step === undefined ? {} : { step }),
    since,
    ...(problem && statusProblem(problem)),
  };
}
