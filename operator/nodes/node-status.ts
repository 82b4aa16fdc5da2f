import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import { type Problem, problemOf } from '#api/problem.ts';

/** The schema's limit for messages in `status.nodes`. */
const MESSAGE_LIMIT = 1024;

/** A problem as an entry of `status.nodes` holds it. */
export const statusProblem = ({ reason, message }: Problem): Problem => ({
  reason,
  message: message.slice(0, MESSAGE_LIMIT),
});

/** The same for a ReasonedError. @throws every other error as it is */
export const statusProblemOf = (error: unknown): Problem => statusProblem(problemOf(error));

/** The problem that an entry of `status.nodes` holds. */
export const problemIn = ({ reason, message }: NodeStatus): Problem | undefined =>
  reason && message ? { reason, message } : undefined;

/** A node that still has pods: which, or why the API server refused an eviction. */
export function podsProblem(name: string, { pods, refused }: { pods: string[]; refused?: string }): Problem {
  const first = pods.slice(0, 3).join(', ');
  const what = refused ?? `${first}${pods.length > 3 ? ` and ${pods.length - 3} more` : ''}`;
  const reason = refused === undefined ? 'Draining' : 'DrainBlocked';
  return { reason, message: `node ${name} still has ${pods.length} pods: ${what}` };
}
