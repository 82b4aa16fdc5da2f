import { ANNOTATION } from '#api/contract/names.ts';
import { podBlockage } from '#api/pod-start.ts';
import type { Problem } from '#api/problem.ts';
import type { Pod } from '#kube/resources.ts';
import { nodeReadiness } from '../readiness.ts';
import { ageOf, type Step, type WorkersObservation, workerStatus } from './step.ts';

/** A pod has this long to start before its obstacles are reported. */
const START_MS = 10_000;
/** A worker whose Node was deleted in the tenant is replaced after this. */
const LOST_MS = 60_000;
/** After this an old worker makes room for a new one that the host can't schedule. */
const ROOM_MS = 30_000;

const SETTINGS_CHANGED: Problem = {
  reason: 'Creating',
  message: 'the settings of worker pods have changed; the worker pod is being recreated',
};

/** Plans for a worker whose pod has not ended. */
export function planLiving(o: WorkersObservation, name: string, pod: Pod): Step {
  const readiness = nodeReadiness(name, o.nodes.get(name));
  const { phase: previous, step } = o.recorded.get(name) ?? {};
  const wasReady = previous === 'Ready' || previous === 'NotReady';
  if (!readiness.problem) {
    return { status: workerStatus(o, name, 'Ready'), acts: wasReady ? [] : [{ kind: 'revokeToken', name }] };
  }
  if (!pod.spec?.nodeName && pod.metadata.annotations?.[ANNOTATION.podSettings] !== o.podSettings) {
    return { status: workerStatus(o, name, 'Pending', SETTINGS_CHANGED), acts: [{ kind: 'remove', name }] };
  }
  const hadNode = wasReady || step === 'Wait';
  const { stuck, ...problem } = workerProblem(o, name, pod, readiness.problem);
  if (hadNode && !readiness.joined) return planUnregistered(o, name, problem);
  const starting = pod.status?.phase !== 'Running';
  const phase = wasReady ? 'NotReady' : starting ? 'Pending' : 'Joining';
  if (readiness.joined) return { status: workerStatus(o, name, phase, problem, 'Wait'), acts: [], stuck };
  return { status: workerStatus(o, name, phase, problem), acts: [{ kind: 'renewToken', name }], stuck };
}

/** Why a worker is not Ready: because of its pod, or of its node. `stuck`: the host has no room for the pod. */
function workerProblem(
  { now }: WorkersObservation,
  name: string,
  pod: Pod,
  nodeProblem: Problem,
): Problem & { stuck: boolean } {
  const age = now - Date.parse(pod.metadata.creationTimestamp ?? '');
  const blocked = age > START_MS ? podBlockage(pod, []) : undefined;
  if (!blocked) return { ...startProblem(name, pod, nodeProblem), stuck: false };
  const { reason, message } = blocked;
  const stuck = reason === 'Unschedulable' && age > ROOM_MS;
  return { reason, message: `worker pod ${name}: ${message}`, stuck };
}

/** The Node was deleted in the tenant, and a kubelet registers it only when it starts. */
function planUnregistered(o: WorkersObservation, name: string, problem: Problem): Step {
  const status = workerStatus(o, name, 'NotReady', problem, 'Register');
  return { status, acts: [{ kind: ageOf(o, status) > LOST_MS ? 'remove' : 'renewToken', name }] };
}

function startProblem(name: string, pod: Pod, problem: Problem): Problem {
  if (pod.status?.phase === 'Running') {
    if (problem.reason !== 'NodeNotJoined') return problem;
    const advice = `see kubectl logs -n ${pod.metadata.namespace} ${name}`;
    return { ...problem, message: `${problem.message}; ${advice}` };
  }
  return { reason: 'Starting', message: `worker pod ${name} is starting` };
}
