import type { AgentStatus } from '#api/contract/host-agent.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import { statusProblem } from '../node-status.ts';
import type { NodeObservation, Step } from './observation.ts';

/** How long the step has been under way, in milliseconds; 0 when another step is recorded. */
export const stepAge = ({ recorded, now }: NodeObservation, step: Step): number =>
  recorded?.step === step && recorded.since ? now - Date.parse(recorded.since) : 0;

/** The node's entry for `status.nodes`. `since` stays while the step is the same. */
export function promotedStatus(
  { name, recorded, now }: NodeObservation,
  step: Step,
  phase: NonNullable<NodeStatus['phase']>,
  problem?: Problem,
): NodeStatus {
  const previous = recorded?.step === step ? recorded.since : undefined;
  const since = previous ?? new Date(now).toISOString();
  return { name, kind: 'Promoted', phase, step, since, ...(problem && statusProblem(problem)) };
}

/** What the agent is doing, or what it fails at. */
export function agentProblem({ phase, step, error }: AgentStatus, name: string): Problem {
  const at = step === undefined ? phase : `${phase}, step ${step}`;
  if (error === undefined) return { reason: 'AgentAtWork', message: `the agent of ${name} is at ${at}` };
  return { reason: 'AgentStepFailed', message: `the agent of ${name} is at ${at}, which failed: ${error}` };
}

/** The agent has not been asked in this reconcile; the next one asks it. */
export const AGENT_NOT_ASKED: Problem = {
  reason: 'AgentAtWork',
  message: 'waiting for the agent to report its status',
};
